import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto';
import {
  calculateJwkThumbprint,
  compactDecrypt,
  CompactEncrypt,
  decodeProtectedHeader,
  exportJWK,
  importPKCS8,
  importSPKI,
  type JWK,
} from 'jose';
import { OperationalError } from '../../shared/model/error.ts';

// `secure:` values stand in build files, in repositories, for years: anybody may seal one with the installation's
// public key, only the control plane opens it. Each is a JSON Web Encryption in compact form (RFC 7516), so that any
// JOSE library can make one. ECDH-ES agrees on a key with an ephemeral one; there is one recipient, so no key is wrapped.
const ALGORITHM = 'ECDH-ES';
const ENCRYPTION = 'A256GCM';

// What other tools choose unless told otherwise is opened too; all of it is authenticated encryption.
const OPENED = {
  keyManagementAlgorithms: [ALGORITHM, 'ECDH-ES+A128KW', 'ECDH-ES+A256KW'],
  contentEncryptionAlgorithms: [ENCRYPTION, 'A128GCM', 'A128CBC-HS256', 'A256CBC-HS512'],
  // Nothing needs compression, and a bomb could be in it.
  maxDecompressedLength: 0,
};

export interface BuildKey {
  /** PKCS #8 PEM; sealed before it is stored. */
  readonly privateKey: string;
  /** SPKI PEM, for those who seal on their own machine. */
  readonly publicKey: string;
  /** Absent in the first key of an installation. */
  readonly createdAt?: string | undefined;
}

/** A key as anybody may see it. */
export interface PublicBuildKey {
  /** The thumbprint of the key (RFC 7638), which is the `kid` of what it seals. */
  readonly id: string;
  readonly pem: string;
  readonly jwk: JWK;
  readonly createdAt: string | null;
}

/** P-256 is the curve that every JOSE library has; X25519, which installations have from before, is missing in some. */
export function createBuildKey(): BuildKey {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

/** Returns the text to put behind `secure:`. Its `kid` is the thumbprint of the key (RFC 7638), which tells people whose it is. */
export async function sealBuildValue(publicKeyPem: string, value: string): Promise<string> {
  const publicKey = await importSPKI(publicKeyPem, ALGORITHM, { extractable: true });
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  return new CompactEncrypt(new TextEncoder().encode(value))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, kid })
    .encrypt(publicKey);
}

export async function describeBuildKey({ publicKey, createdAt }: BuildKey): Promise<PublicBuildKey> {
  const bare = await exportJWK(await importSPKI(publicKey, ALGORITHM, { extractable: true }));
  const id = await calculateJwkThumbprint(bare);
  return { id, pem: publicKey, jwk: { ...bare, kid: id, use: 'enc', alg: ALGORITHM }, createdAt: createdAt ?? null };
}

/**
 * Opens a value with the key that it names, or else with whichever fits. Throws SEALED_UNREADABLE for a value that was sealed
 * for another installation, or is no sealed value.
 */
export async function openBuildValue(keys: readonly BuildKey[], text: string): Promise<string> {
  const sealed = text.trim();
  const kid = keyIdOf(sealed);
  const ids = await Promise.all(keys.map(async (key) => (await describeBuildKey(key)).id));
  const named = keys.filter((_key, index) => ids[index] === kid);
  let cause: unknown;
  // A tool that seals by itself may name keys as it likes.
  for (const { privateKey } of named.length > 0 ? named : keys) {
    try {
      return await openWith(privateKey, sealed);
    } catch (error) {
      cause = error;
    }
  }
  throw new OperationalError('SEALED_UNREADABLE', {
    happened:
      kid !== null && named.length === 0
        ? `A value is sealed with the key ${kid}, which this installation does not have`
        : 'A value is damaged, or was never sealed for this installation',
    remedy: 'Seal it again with "wipctl encrypt" against this control plane, and put the new text into the build file',
    cause,
  });
}

async function openWith(privateKeyPem: string, sealed: string): Promise<string> {
  if (sealed.startsWith(`${OLD_VERSION}.`)) return openOldValue(privateKeyPem, sealed);
  const { plaintext } = await compactDecrypt(sealed, await importPKCS8(privateKeyPem, ALGORITHM), OPENED);
  return new TextDecoder().decode(plaintext);
}

// A thumbprint has 43 characters. A name goes into messages, so a longer one, or one with other characters, is none.
const KEY_ID = /^[\w.:-]{1,100}$/;

/** Returns the key that a value says it is sealed with; null when it says nothing. */
function keyIdOf(sealed: string): string | null {
  try {
    const { kid } = decodeProtectedHeader(sealed);
    return typeof kid === 'string' && KEY_ID.test(kid) ? kid : null;
  } catch {
    return null; // no JSON Web Encryption
  }
}

// The format until version 0.1: an ephemeral X25519 key, HKDF-SHA256 with that key as salt, AES-256-GCM. Build files
// that hold it are in repositories; it is opened and no longer made.
const OLD_VERSION = 'wipb1';
const OLD_INFO = 'wip build value';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** DER length of an X25519 public key in SubjectPublicKeyInfo (RFC 8410). */
const PUBLIC_DER_BYTES = 44;

function openOldValue(privateKeyPem: string, text: string): string {
  const bytes = Buffer.from(text.slice(OLD_VERSION.length + 1), 'base64url');
  const der = bytes.subarray(0, PUBLIC_DER_BYTES);
  const publicKey = createPublicKey({ key: der, type: 'spki', format: 'der' });
  const shared = diffieHellman({ privateKey: createPrivateKey(privateKeyPem), publicKey });
  const key = Buffer.from(hkdfSync('sha256', shared, der, OLD_INFO, 32));
  const nonce = bytes.subarray(PUBLIC_DER_BYTES, PUBLIC_DER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([
    decipher.update(bytes.subarray(PUBLIC_DER_BYTES + NONCE_BYTES, -TAG_BYTES)),
    decipher.final(),
  ]).toString();
}
