import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../shared/keys/secret.ts';
import { deliveryHeader, type DeliveryHeaders } from './delivery.ts';

export type HookService = 'github' | 'gitlab';

interface Signed {
  readonly headers: DeliveryHeaders;
  readonly body: Buffer;
  readonly now: Date;
}

// As for the signals of agents. GitHub signs no time; a delivery that comes again is known by its key (deliveryKey).
const MAX_SKEW_SECONDS = 300;
const STANDARD_PREFIX = 'whsec_';

/** Returns whether whoever sent the delivery has the secret. Compares in constant time. */
export function isFrom(service: HookService, secret: Secret<string>, signed: Signed): boolean {
  if (service === 'github') return isSignedByGithub(secret.reveal(), signed);
  const token = deliveryHeader(signed.headers, 'x-gitlab-token');
  if (token !== undefined) return isSame(token, secret.reveal());
  return isSignedByGitlab(secret.reveal(), signed);
}

function isSignedByGithub(secret: string, { headers, body }: Signed): boolean {
  const given = deliveryHeader(headers, 'x-hub-signature-256') ?? '';
  return isSame(given, `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
}

/** GitLab's signing token: the shape of Standard Webhooks. The header may hold several signatures during a change. */
function isSignedByGitlab(secret: string, { headers, body, now }: Signed): boolean {
  const id = deliveryHeader(headers, 'webhook-id');
  const timestamp = deliveryHeader(headers, 'webhook-timestamp');
  if (id === undefined || timestamp === undefined) return false;
  if (!(Math.abs(Number(timestamp) - now.getTime() / 1_000) <= MAX_SKEW_SECONDS)) return false;
  const key = secret.startsWith(STANDARD_PREFIX)
    ? Buffer.from(secret.slice(STANDARD_PREFIX.length), 'base64')
    : Buffer.from(secret);
  const expected = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
  return (deliveryHeader(headers, 'webhook-signature') ?? '').split(' ').some((given) => isSame(given, expected));
}

/** Digests have one length, so the comparison tells nothing of the length of the secret. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'));
}
