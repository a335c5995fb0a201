import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { OperationalError } from '../../shared/model/error.ts';

// `secure:` values stand in build files, in repositories, for years: anybody may seal one with the installation's
// public key, only the control plane opens it. An ephemeral X25519 key agrees on a key with the installation's,
// HKDF-SHA256 derives from it, AES-256-GCM encrypts (the construction of ECIES and of HPKE's base mode).
const VERSION = 'wipb1';
const INFO = 'wip build value';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** DER length of an X25519 public key in SubjectPublicKeyInfo (RFC 8410). */
const PUBLIC_DER_BYTES = 44;

export interface BuildKey {
  /** PKCS #8 PEM; sealed before it is stored. */
  readonly privateKey: string;
  /** SPKI PEM, for those who seal on their own machine. */
  readonly publicKey: string;
}

export function createBuildKey(): BuildKey {
  return generateKeyPairSync('x25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

function agreedKey(privateKey: KeyObject, publicKey: KeyObject, ephemeralDer: Buffer): Buffer {
  const shared = diffieHellman({ privateKey, publicKey });
  // The ephemeral key as salt binds the derived key to this one message.
  return Buffer.from(hkdfSync('sha256', shared, ephemeralDer, INFO, 32));
}

/** Returns the text to put behind `secure:`. */
export function sealBuildValue(publicKeyPem: string, value: string): string {
  const ephemeral = generateKeyPairSync('x25519');
  const der = ephemeral.publicKey.export({ type: 'spki', format: 'der' });
  const nonce = randomBytes(NONCE_BYTES);
  const key = agreedKey(ephemeral.privateKey, createPublicKey(publicKeyPem), der);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([der, nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${sealed.toString('base64url')}`;
}

/** Throws SEALED_UNREADABLE for a value that was sealed for another installation, or is no sealed value. */
export function openBuildValue(privateKeyPem: string, text: string): string {
  try {
    const [version, body] = text.trim().split('.');
    if (version !== VERSION || !body) throw new Error(`it does not begin with "${VERSION}."`);
    const bytes = Buffer.from(body, 'base64url');
    const der = bytes.subarray(0, PUBLIC_DER_BYTES);
    const publicKey = createPublicKey({ key: der, type: 'spki', format: 'der' });
    const key = agreedKey(createPrivateKey(privateKeyPem), publicKey, der);
    const nonce = bytes.subarray(PUBLIC_DER_BYTES, PUBLIC_DER_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(bytes.subarray(-TAG_BYTES));
    const sealed = bytes.subarray(PUBLIC_DER_BYTES + NONCE_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString();
  } catch (cause) {
    throw new OperationalError('SEALED_UNREADABLE', {
      happened: 'A "secure" value of the build file cannot be opened by this installation',
      remedy:
        'Seal it again with "wipctl encrypt" against this control plane, and put the new text into the build file',
      cause,
    });
  }
}
