import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto';
import { signedPrefix } from '../protocol/signals.ts';

export interface Signable {
  readonly webhookId: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly callbackId: string;
  readonly body: Buffer;
}

/** Returns `v1,<base64 HMAC-SHA256>` over id, timestamp, callback id and the raw body. */
export function sign(key: Buffer, what: Signable): string {
  // A Buffer as the key would take five times as long: see encrypt in sealing.ts.
  const mac = createHmac('sha256', createSecretKey(key))
    .update(signedPrefix(what.webhookId, what.timestamp, what.callbackId))
    .update(what.body)
    .digest('base64');
  return `v1,${mac}`;
}

/** Compares in constant time. The header may carry several signatures, separated by blanks, during a key change. */
export function isSignedBy(key: Buffer, what: Signable, header: string): boolean {
  const expected = Buffer.from(sign(key, what));
  return header.split(' ').some((given) => {
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

/**
 * Returns a SHA-256 in hexadecimal, for comparing and naming. A secret with little entropy could be guessed from it.
 */
export function sha256Hex(data: string | Buffer): string {
  return hash('sha256', data, 'hex');
}

/**
 * Returns the single-use secret of a container attempt. It is derived, so that a node that takes over can rebuild it.
 */
export function enrolmentSecret(masterKey: Buffer, attemptUuid: string): string {
  return createHmac('sha256', masterKey).update(`wip-enrolment:${attemptUuid}`).digest('base64url');
}

/**
 * Returns the token by which ECS recognises a repeated RunTask: 64 hexadecimal characters, the most that it accepts.
 */
export function clientToken(attemptUuid: string): string {
  return sha256Hex(attemptUuid);
}
