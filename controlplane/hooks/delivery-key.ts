import { sha256Hex } from '../../shared/keys/signing.ts';
import { deliveryHeader, type DeliveryHeaders } from './delivery.ts';
import type { HookService } from './verify-delivery.ts';

interface VerifiedDelivery {
  readonly headers: DeliveryHeaders;
  readonly body: Buffer;
}

/**
 * Returns what is the same for a delivery that is sent again and different for every other one. It follows from what the sender signed
 * alone: whoever has captured a delivery may change the rest, and could have the same build again and again. The task has the key, so
 * that the delivery is known until the task is deleted. `hookId` is that of the hook that decides.
 */
export function deliveryKey(service: HookService, hookId: string, { headers, body }: VerifiedDelivery): string {
  // GitHub signs the body and nothing else, and two webhooks of one repository send the same body: the hook tells them apart. Its
  // secret does not, because GitHub signs an old delivery that is sent again with the secret of that moment.
  if (service === 'github') return sha256Hex(Buffer.concat([Buffer.from(`wip-delivery:${hookId}:`), body]));
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
