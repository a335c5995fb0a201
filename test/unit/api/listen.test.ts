import { describe, expect, it } from 'vitest';
import { checkPublicUrl } from '../../../controlplane/node/listen.ts';

const SECURE = { allow_http: false };

describe('checkPublicUrl', () => {
  it.each(['https://wip.example.com', 'http://127.0.0.1:8090', 'http://localhost:8090', 'http://[::1]:8090'])(
    'accepts %s: nobody else can read what agents send there',
    (url) => expect(() => checkPublicUrl(url, SECURE)).not.toThrow(),
  );

  it.each(['http://127.evil.example', 'http://127.0.0.1.evil.example', 'http://localhost.evil.example'])(
    'refuses %s, which only looks like this machine',
    (url) => expect(() => checkPublicUrl(url, SECURE)).toThrow(`Agents would report to ${url} without encryption`),
  );

  it('accepts http to anybody where the network is trusted', () => {
    expect(() => checkPublicUrl('http://wip.internal:8090', { allow_http: true })).not.toThrow();
  });
});
