import type { TaskUuid } from '../../../shared/model/ids.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { EffectScope } from '../../tasks/agent-access.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import type { AttemptSignals } from './witnesses.ts';

/** The task and its step, as far as a session needs them. */
export interface SessionTask {
  readonly lease: TaskLease;
  readonly uuid: TaskUuid;
  readonly wip: Pick<BasicWip, 'kind' | 'group' | 'clusters' | 'containerSize'>;
  readonly effectKey: (scope: EffectScope, name: string) => string;
  /** Number of attempts the task has had. */
  readonly attempts: number;
  readonly attempt: AttemptRow | null;
  readonly signals: AttemptSignals;
  readonly now: Date;
  /** Aborts when the node stops or has lost the task. */
  readonly abort: AbortSignal;
}
