import { createHmac } from 'node:crypto';
import type { Secret } from '../../shared/support/secret.ts';
import { sha256Hex } from '../../shared/support/signing.ts';
import { deliveryHeader, type DeliveryHeaders } from './delivery.ts';
import type { HookService } from './verify-delivery.ts';

interface VerifiedDelivery {
  readonly headers: DeliveryHeaders;
  readonly body: Buffer;
}

/**
 * Returns what is the same for a delivery that is sent again and different for every other one. It follows from what the sender signed
 * alone: whoever has captured a delivery may change the rest, and would have the same build as often as he likes. `secret`: one of the hook.
 */
export function deliveryKey(service: HookService, secret: Secret<string>, { headers, body }: VerifiedDelivery): string {
  // GitHub signs the body and nothing else. The secret is in the key because two webhooks of one repository send the same body.
  if (service === 'github')
    return createHmac('sha256', secret.reveal()).update('wip-delivery:').update(body).digest('hex');
  const signedId = deliveryHeader(headers, 'webhook-id');
  const isSigned = deliveryHeader(headers, 'x-gitlab-token') === undefined;
  // The secret token comes with the delivery, so nothing of it is signed; before GitLab 17.4 it had no id either.
  const id = isSigned ? signedId : (deliveryHeader(headers, 'idempotency-key') ?? signedId);
  if (id === undefined) return sha256Hex(body);
  return /^[\x21-\x7e]{1,200}$/.test(id) ? id : sha256Hex(id);
}

/** Returns the name under which the service itself shows the delivery. It is signed by nobody, so it decides nothing. */
export function shownId(headers: DeliveryHeaders): string | null {
  const names = ['x-github-delivery', 'webhook-id', 'idempotency-key'];
  const given = names.map((name) => deliveryHeader(headers, name)).find((id) => id !== undefined && id !== '');
  return given?.slice(0, 200) ?? null;
}
