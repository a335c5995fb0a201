import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto';
import { calculateJwkThumbprint, compactDecrypt, CompactEncrypt, exportJWK, importPKCS8, importSPKI } from 'jose';
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

/** Throws SEALED_UNREADABLE for a value that was sealed for another installation, or is no sealed value. */
export async function openBuildValue(privateKeyPem: string, text: string): Promise<string> {
  const sealed = text.trim();
  try {
    if (sealed.startsWith(`${OLD_VERSION}.`)) return openOldValue(privateKeyPem, sealed);
    const { plaintext } = await compactDecrypt(sealed, await importPKCS8(privateKeyPem, ALGORITHM), OPENED);
    return new TextDecoder().decode(plaintext);
  } catch (cause) {
    throw new OperationalError('SEALED_UNREADABLE', {
      happened: 'A "secure" value of the build file cannot be opened by this installation',
      remedy:
        'Seal it again with "wipctl encrypt" against this control plane, and put the new text into the build file',
      cause,
    });
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
