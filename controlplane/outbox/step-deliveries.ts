import type { KnownRequest } from '../store/outbox/requests.ts';
import type { TaskLease } from '../store/tasks/leases.ts';
import type { EffectScope } from '../tasks/agent-access.ts';
import type { Delivery, OutgoingRequest } from '../tasks/outgoing-request.ts';
import { LeaveTask, type StepDeps } from '../engine/engine-deps.ts';
import { checkEffect } from '../engine/given-effect.ts';
import { prepareRequest } from './prepare-request.ts';

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
    const prepared = prepareRequest(deps.sealer, { key: keyOf(scope, name), name, scope }, request);
    await deps.failpoint('before-request-intent', name);
    const known = await deps.store.intendRequest(lease, prepared);
    if (!known) throw new LeaveTask('lost');
    await deps.failpoint('after-request-intent', name);
    return (await delivery(name, scope)) ?? { kind: 'under-way', tries: 0, lastError: null };
  }

  async function delivery(name: string, scope: EffectScope): Promise<Delivery | null> {
    checkEffect({ kind: 'request', name, scope });
    const known = await deps.store.findRequest(lease.id, keyOf(scope, name));
    return known && deliveryOf(known);
  }

  return { deliver, delivery };
}

function deliveryOf({ state, answer, tries, lastError }: KnownRequest): Delivery {
  // Only deliver-requests.ts settles these effects, so the answer has its form.
  return state === 'intended' ? { kind: 'under-way', tries, lastError } : (answer as Delivery);
}
