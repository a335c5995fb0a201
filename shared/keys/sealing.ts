import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { OperationalError } from '../model/error.ts';
import { sha256Hex } from './signing.ts';

// Envelope: a fresh data key per value encrypts it, the master key encrypts the data key, so a rotation of the
// master key rewraps 32 bytes and never touches the value. The context (table, row, column) is associated data:
// a sealed text moved to another row does not open there.
const NONCE_BYTES = 12; // NIST SP 800-38D: the length GCM is made for
const TAG_BYTES = 16;

/** The keys that seal and open values. A `Secret<Buffer>` is a master key with a single key. */
export interface MasterKey {
  /** Returns the key that seals new values. */
  readonly reveal: () => Buffer;
  /** Returns further keys, which open the values sealed with them. */
  readonly others?: () => readonly Buffer[];
}

/** Seals and opens the values of an installation. A sealed text opens under the context it was sealed for, and no other. */
export interface Sealer {
  seal(plain: string, context: string): string;
  /** Throws SEALED_UNREADABLE. */
  open(sealed: string, context: string): string;
}

export function createSealer(masterKey: MasterKey): Sealer {
  return {
    seal: (plain, context) => seal(masterKey.reveal(), plain, context),
    open: (sealed, context) => openSealed(masterKey, sealed, context),
  };
}

/** Returns the id of a master key: the beginning of its hash. Each sealed value contains it. */
export function masterKeyId(masterKey: Buffer): string {
  return sha256Hex(masterKey).slice(0, 8);
}

// Keys are converted to KeyObjects: given a Buffer, Node 24 tries it as a KeyObject first and catches an exception, which takes
// six times as long.
function encrypt(key: Buffer, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), sealed.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

/**
 * Returns `wip1.<key id>.<wrapped data key>.<sealed value>`, base64url parts. The same `context` is needed to open it.
 */
export function seal(masterKey: Buffer, plain: string, context: string): string {
  const dataKey = randomBytes(32);
  const wrapped = encrypt(masterKey, dataKey, `key:${context}`);
  const value = encrypt(dataKey, Buffer.from(plain), context);
  return `wip1.${masterKeyId(masterKey)}.${wrapped.toString('base64url')}.${value.toString('base64url')}`;
}

interface Parts {
  readonly keyId: string;
  readonly wrapped: string;
  readonly value: string;
}

function partsOf(sealed: string, context: string): Parts {
  const [version, keyId, wrapped, value] = sealed.split('.');
  if (version !== 'wip1' || !keyId || !wrapped || !value) throw unreadable(context, 'it is not a sealed value');
  return { keyId, wrapped, value };
}

/** Returns the key that wraps the data key of this value. Throws SEALED_UNREADABLE when no known key does. */
function wrappingKey(masterKey: MasterKey, { keyId }: Parts, context: string): Buffer {
  const key = [masterKey.reveal(), ...(masterKey.others?.() ?? [])].find((one) => masterKeyId(one) === keyId);
  if (!key) throw unreadable(context, `it was sealed with the master key ${keyId}`);
  return key;
}

function openDataKey(masterKey: MasterKey, parts: Parts, context: string): Buffer {
  const key = wrappingKey(masterKey, parts, context);
  try {
    return decrypt(key, Buffer.from(parts.wrapped, 'base64url'), `key:${context}`);
  } catch (cause) {
    throw unreadable(context, 'it was changed, or sealed for another context', cause);
  }
}

/** Throws SEALED_UNREADABLE when the text was sealed with an unknown key, for another context, or was changed. */
export function openSealed(masterKey: MasterKey, sealed: string, context: string): string {
  const parts = partsOf(sealed, context);
  const dataKey = openDataKey(masterKey, parts, context);
  try {
    return decrypt(dataKey, Buffer.from(parts.value, 'base64url'), context).toString();
  } catch (cause) {
    throw unreadable(context, 'it was changed, or sealed for another context', cause);
  }
}

/**
 * Returns the same sealed value under the present sealing key. Only its data key is wrapped anew; the value itself is neither
 * opened nor changed. Throws SEALED_UNREADABLE like openSealed.
 */
export function rewrap(masterKey: MasterKey, sealed: string, context: string): string {
  const parts = partsOf(sealed, context);
  const wrapped = encrypt(masterKey.reveal(), openDataKey(masterKey, parts, context), `key:${context}`);
  return `wip1.${masterKeyId(masterKey.reveal())}.${wrapped.toString('base64url')}.${parts.value}`;
}

/** Returns the id of the master key that wraps a sealed value; null when the text is not sealed. */
export function sealingKeyIdOf(sealed: string): string | null {
  return isSealed(sealed) ? (sealed.split('.')[1] ?? null) : null;
}

export function isSealed(text: string): boolean {
  return /^wip1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text);
}

function unreadable(context: string, why: string, cause?: unknown): OperationalError {
  return new OperationalError('SEALED_UNREADABLE', {
    happened: `The sealed value of ${context} cannot be opened: ${why}`,
    remedy:
      'Give the node the master key that sealed it (WIP_MASTER_KEY or WIP_MASTER_KEYS_OLD), or seal the value again',
    cause,
  });
}
