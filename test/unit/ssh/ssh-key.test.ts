import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { PublicKeyLine } from '../../../shared/protocol/enrolment.ts';
import { createSshKeyPair, publicKeyBytes } from '../../../shared/keys/ssh-key.ts';

describe('createSshKeyPair', () => {
  it('writes both halves so that ssh2 reads them and they belong together', () => {
    const { privateKey, publicLine } = createSshKeyPair();
    const key = ssh2.utils.parseKey(privateKey);
    const publicHalf = ssh2.utils.parseKey(publicLine);
    if (key instanceof Error || publicHalf instanceof Error) throw new Error('not readable');
    const signature = key.sign(Buffer.from('message'));
    expect(publicHalf.verify(Buffer.from('message'), signature)).toBe(true);
    expect(publicHalf.getPublicSSH().equals(publicKeyBytes(publicLine))).toBe(true);
  });

  it('writes a public line that the enrolment takes', () => {
    expect(PublicKeyLine.safeParse(createSshKeyPair().publicLine).success).toBe(true);
  });

  it('makes another one each time', () => {
    expect(createSshKeyPair().publicLine).not.toBe(createSshKeyPair().publicLine);
  });
});
