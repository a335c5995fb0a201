import { OperationalError } from '../../shared/model/error.ts';
import { requestContext } from '../store/secrets/seal-contexts.ts';
import type { KnownRequest } from '../store/outbox/requests.ts';
import type { TaskLease } from '../store/tasks/leases.ts';
import type { Delivery, EffectScope, OutgoingRequest } from '../tasks/context.ts';
import { RequestToDeliver } from './request-to-deliver.ts';
import { LeaveTask, type StepDeps } from '../engine/engine-deps.ts';

const DAY_SECONDS = 86_400;

export interface Deliveries {
  deliver(name: string, request: OutgoingRequest, scope: EffectScope): Promise<Delivery>;
  delivery(name: string, scope: EffectScope): Promise<Delivery | null>;
}

/** The outgoing requests of one step. */
export function createDeliveries(
  deps: Pick<StepDeps, 'store' | 'sealer' | 'failpoint'>,
  { lease, effectKey }: { lease: TaskLease; effectKey: (scope: EffectScope, name: string) => string },
): Deliveries {
  // A process and a request may have the same name within one scope.
  const keyOf = (scope: EffectScope, name: string): string => effectKey(scope, `deliver ${name}`);

  async function deliver(name: string, request: OutgoingRequest, scope: EffectScope): Promise<Delivery> {
    const key = keyOf(scope, name);
    const text = JSON.stringify(parseRequest(name, request, key));
    await deps.failpoint('before-request-intent', name);
    const known = await deps.store.intendRequest(lease, {
      effect: { key, name, scope, request: deps.sealer.seal(text, requestContext(key)) },
      isRepeatable: request.repeat !== 'never',
      giveUpAfterSeconds: request.giveUpAfterSeconds ?? DAY_SECONDS,
    });
    if (!known) throw new LeaveTask('lost');
    await deps.failpoint('after-request-intent', name);
    return (await delivery(name, scope)) ?? { kind: 'under-way', tries: 0, lastError: null };
  }

  async function delivery(name: string, scope: EffectScope): Promise<Delivery | null> {
    const known = await deps.store.findRequest(lease.id, keyOf(scope, name));
    return known && deliveryOf(known);
  }

  return { deliver, delivery };
}

function parseRequest(name: string, { method, url, headers, body }: OutgoingRequest, key: string): RequestToDeliver {
  const names = Object.keys(headers ?? {}).map((header) => header.toLowerCase());
  const keyHeader = names.includes('idempotency-key') ? {} : { 'idempotency-key': key };
  const parsed = RequestToDeliver.safeParse({ method, url, headers: { ...headers, ...keyHeader }, body });
  const refused = parsed.error?.issues[0];
  if (parsed.data && !(method === 'GET' && body !== undefined)) return parsed.data;
  throw new OperationalError('OPTIONS_INVALID', {
    happened: `The request "${name}" cannot be sent: ${refused ? `${refused.path.join('.')}: ${refused.message}` : 'a GET has no body'}`,
    remedy: 'Give it an http or https address, and headers without line breaks',
    cause: parsed.error,
  });
}

function deliveryOf({ state, answer, tries, lastError }: KnownRequest): Delivery {
  // Only deliver-requests.ts settles these effects, so the answer has its form.
  return state === 'intended' ? { kind: 'under-way', tries, lastError } : (answer as Delivery);
}
