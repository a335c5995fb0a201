import { generateKeyPairSync, randomInt } from 'node:crypto';

/** An ed25519 key pair in the formats that OpenSSH and ssh2 read. */
export interface SshKeyPair {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----`, not encrypted. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, one line without a comment. */
  readonly publicLine: string;
}

const KEY_TYPE = 'ssh-ed25519';
// OpenSSH, PROTOCOL.key: the private section is padded with 1, 2, 3 … to the cipher's block, 8 bytes for "none".
const MAGIC = 'openssh-key-v1\0';
const PADDING_BLOCK_BYTES = 8;
// RFC 7468 allows 64 columns; ssh-keygen writes 70, and so do we, to look like any other key file.
const COLUMNS = 70;

function sshString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * Makes a key pair in memory. Written by hand (PROTOCOL.key of OpenSSH) and not with ssh2, because the agent needs
 * its host key for the enrolment, long before it needs the 60 ms that loading ssh2 takes.
 */
export function createSshKeyPair(): SshKeyPair {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (jwk.x === undefined || jwk.d === undefined) throw new Error('an ed25519 key without x and d');
  const publicBytes = Buffer.from(jwk.x, 'base64url');
  const seed = Buffer.from(jwk.d, 'base64url');
  const publicBlob = Buffer.concat([sshString(KEY_TYPE), sshString(publicBytes)]);
  return {
    privateKey: privateKeyFile(publicBlob, publicBytes, seed),
    publicLine: `${KEY_TYPE} ${publicBlob.toString('base64')}`,
  };
}

function privateKeyFile(publicBlob: Buffer, publicBytes: Buffer, seed: Buffer): string {
  const check = uint32(randomInt(2 ** 32)); // the same number twice shows a reader that decryption worked
  const plain = Buffer.concat([
    check,
    check,
    sshString(KEY_TYPE),
    sshString(publicBytes),
    sshString(Buffer.concat([seed, publicBytes])),
    sshString(''),
  ]);
  const missing = (PADDING_BLOCK_BYTES - (plain.length % PADDING_BLOCK_BYTES)) % PADDING_BLOCK_BYTES;
  const padding = Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from(MAGIC),
    sshString('none'),
    sshString('none'),
    sshString(''),
    uint32(1),
    sshString(publicBlob),
    sshString(Buffer.concat([plain, padding])),
  ]).toString('base64');
  const lines = file.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** Returns the key itself, without its type and comment: the bytes that an SSH peer presents. */
export function publicKeyBytes(publicLine: string): Buffer {
  return Buffer.from(publicLine.trim().split(/\s+/)[1] ?? '', 'base64');
}
