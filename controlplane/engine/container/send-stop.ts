import { OperationalError } from '../../../shared/model/error.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { StepStore } from '../../store/step-store.ts';
import type { StepDeps } from '../engine-deps.ts';
import { nextEcsWitness } from './witnesses.ts';

interface StopDeps {
  readonly store: Pick<StepStore, 'markWitnessed'>;
  readonly log: Pick<StepDeps['log'], 'warn'>;
}

interface StopOrder {
  readonly arn: string;
  readonly at: Date;
  readonly send: () => Promise<void>;
  /** Called with the columns of the attempt that were changed. */
  readonly onNoted?: (changed: Partial<AttemptRow>) => void;
}

/**
 * Asks ECS to stop a container. Throws when ECS does not accept: the container then runs on, and costs money, until a later
 * request succeeds. The reason is therefore logged and stored with the attempt, until a stop is accepted. `attempt` is null for a
 * container without an attempt.
 */
export async function sendStop(deps: StopDeps, attempt: AttemptRow | null, order: StopOrder): Promise<void> {
  try {
    await order.send();
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    const { taskId, number, cluster } = attempt ?? {};
    const fields = { err: error, taskId, attempt: number, cluster, arn: order.arn };
    deps.log.warn(fields, 'ECS has not accepted the stop of a container, which runs on until another stop is accepted');
    if (attempt) await noteFailure(deps, attempt, order, error.message);
    throw error;
  }
  if (!attempt?.ecsWitness?.stopFailure) return;
  const { stopFailure: _over, ...ecs } = attempt.ecsWitness;
  await deps.store.markWitnessed(attempt.id, { ecs });
  order.onNoted?.({ ecsWitness: ecs });
}

async function noteFailure(
  { store }: StopDeps,
  { id, ecsWitness }: AttemptRow,
  { at: instant, onNoted }: StopOrder,
  sentence: string,
): Promise<void> {
  const at = instant.toISOString();
  const unasked = { kind: 'unknown', at, error: 'unavailable', sentence: 'ECS was not asked about it yet' } as const;
  const witness = ecsWitness ?? nextEcsWitness(null, unasked);
  const ecs = { ...witness, stopFailure: { since: witness.stopFailure?.since ?? at, at, sentence } };
  await store.markWitnessed(id, { ecs });
  onNoted?.({ ecsWitness: ecs });
}
