import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { inspectConfig } from '../../../controlplane/config.ts';
import { hasBlockedPort, isBlockedPort } from '../../../shared/http/blocked-port.ts';

const load = createRequire(import.meta.url);

describe('a port that fetch refuses to call', () => {
  it('is every one that is refused by undici, the fetch of Node', () => {
    const { badPorts } = load('undici/lib/web/fetch/constants.js') as { badPorts: readonly string[] };
    const all = Array.from({ length: 65_535 }, (_, index) => index + 1);
    expect(all.filter(isBlockedPort)).toEqual(badPorts.map(Number));
  });

  it('is none of an address without a port, or with a usual one', () => {
    const addresses = ['https://a.example', 'http://127.0.0.1:8090', 'http://[::1]:6668', 'nonsense'];
    expect(addresses.filter(hasBlockedPort)).toEqual(['http://[::1]:6668']);
  });

  it.each([
    ['WIP_PORT', '6667'],
    ['WIP_PUBLIC_URL', 'https://wip.example.org:10080/base'],
  ])('is refused as %s, because no agent could report there', (name, value) => {
    expect(JSON.stringify(inspectConfig({ environment: { [name]: value } }))).toContain(
      'must have another port: browsers and wipctl refuse to call this one',
    );
  });
});
