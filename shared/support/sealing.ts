import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { OperationalError } from '../model/error.ts';
import { sha256Hex } from './signing.ts';

// Envelope: a fresh data key per value encrypts it, the master key encrypts the data key, so a rotation of the
// master key rewraps 32 bytes and never touches the value. The place (table, row, column) is associated data:
// a sealed text moved to another row does not open there.
const NONCE_BYTES = 12; // NIST SP 800-38D: the length GCM is made for
const TAG_BYTES = 16;

/** Which master key sealed a value: the beginning of its hash. */
export function masterKeyId(masterKey: Buffer): string {
  return sha256Hex(masterKey).slice(0, 8);
}

function encrypt(key: Buffer, plain: Buffer, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, place: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(place))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

/** `wip1.<key id>.<wrapped data key>.<sealed value>`, base64url parts. `place` must be given again to open it. */
export function seal(masterKey: Buffer, plain: string, place: string): string {
  const dataKey = randomBytes(32);
  const wrapped = encrypt(masterKey, dataKey, `key:${place}`);
  const value = encrypt(dataKey, Buffer.from(plain), place);
  return `wip1.${masterKeyId(masterKey)}.${wrapped.toString('base64url')}.${value.toString('base64url')}`;
}

/** Throws SEALED_UNREADABLE when the text was sealed with another key, for another place, or was changed. */
export function unseal(masterKey: Buffer, sealed: string, place: string): string {
  const [version, keyId, wrapped, value] = sealed.split('.');
  if (version !== 'wip1' || !keyId || !wrapped || !value) throw unreadable(place, 'it is not a sealed value');
  if (keyId !== masterKeyId(masterKey)) throw unreadable(place, `it was sealed with the master key ${keyId}`);
  try {
    const dataKey = decrypt(masterKey, Buffer.from(wrapped, 'base64url'), `key:${place}`);
    return decrypt(dataKey, Buffer.from(value, 'base64url'), place).toString();
  } catch (cause) {
    throw unreadable(place, 'it was changed, or sealed for another place', cause);
  }
}

export function isSealed(text: string): boolean {
  return /^wip1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text);
}

function unreadable(place: string, why: string, cause?: unknown): OperationalError {
  return new OperationalError('SEALED_UNREADABLE', {
    happened: `The sealed value of ${place} cannot be opened: ${why}`,
    remedy: 'Start the control plane with the master key that sealed it, or seal the value again',
    cause,
  });
}
