import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withAdminToken } from '../../../controlplane/api/tokens/authenticator.ts';

const TOKEN = 'x'.repeat(22);
const others = {
  authenticate: (token: string) => Promise.resolve(token === 'ann' ? { name: 'ann', role: 'viewer' as const } : null),
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wip-token-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function withFile(content: string): ReturnType<typeof withAdminToken> {
  const file = join(directory, 'token');
  writeFileSync(file, content);
  return withAdminToken({ file }, others);
}

describe('the admin token', () => {
  it('lets its owner in as administrator, beside those of the database', async () => {
    const { authenticate } = withFile(`${TOKEN}\n`);
    expect(await authenticate(TOKEN)).toEqual({ name: 'admin', role: 'admin' });
    expect(await authenticate('ann')).toEqual({ name: 'ann', role: 'viewer' });
    expect([await authenticate(`${TOKEN}x`), await authenticate('')]).toEqual([null, null]);
  });

  it('is nobody’s when no file is named', () => {
    expect(withAdminToken({}, others)).toBe(others);
  });

  it.each([
    ['an empty file', ''],
    ['a token that can be guessed', 'admin'],
    ['two words', `${TOKEN} ${TOKEN}`],
  ])('is refused at the start: %s, without a word of it', (_what, content) => {
    let refusal: unknown;
    try {
      withFile(content);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('22 characters') });
    expect(String(refusal)).not.toContain(TOKEN);
  });

  it('may be a variable instead, or another one beside the file while they are changed', async () => {
    const file = join(directory, 'token');
    writeFileSync(file, TOKEN);
    const { authenticate } = withAdminToken({ token: 'y'.repeat(43), file }, others);
    expect(await authenticate('y'.repeat(43))).toEqual({ name: 'admin', role: 'admin' });
    expect(await authenticate(TOKEN)).toEqual({ name: 'admin', role: 'admin' });
    expect(await authenticate('z'.repeat(43))).toBeNull();
    expect(() => withAdminToken({ token: 'admin' }, others)).toThrow(/WIP_ADMIN_TOKEN cannot be used/);
  });

  it('is refused when the file is not there', () => {
    expect(() => withAdminToken({ file: join(directory, 'none') }, others)).toThrow(/ENOENT/);
  });
});
