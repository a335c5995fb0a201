import type { StateTable } from '../../statetable/table.ts';
import type { StepInput } from '../../store/tasks/begin-step.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { ClaimedTask } from '../../store/tasks/queue.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import type { EffectScope } from '../../tasks/context.ts';
import { createAgentAccess } from '../container/agent-access.ts';
import { createChildren } from './children.ts';
import { CurrentContainer } from '../container/current-container.ts';
import { createDeliveries } from '../../outbox/step-deliveries.ts';
import { effectKey } from './effect-key.ts';
import type { EngineDeps } from '../engine-deps.ts';
import { attemptView, factsOf, type OpenStep } from './step-context.ts';
import type { TaskDraft } from './task-draft.ts';
import type { Unfit } from './unfit-task.ts';

/** One task in one node's hands. */
export interface Run {
  readonly deps: EngineDeps;
  readonly lease: TaskLease;
  readonly row: ClaimedTask;
  readonly wip: BasicWip;
  readonly table: StateTable;
  readonly draft: TaskDraft;
  /** Aborts when the node stops or has lost the lease. */
  readonly stop: AbortSignal;
  /** Why the task is ended and not stepped. */
  readonly unfit: Unfit | null;
}

/** What the methods of one step work with: the current container and its agent as they were when the step began. */
export function openStep(run: Run, input: StepInput): OpenStep {
  const { deps, row, draft, table, lease, wip, stop } = run;
  const facts = factsOf(input.lifecycleSignals);
  const key = (scope: EffectScope, name: string): string =>
    effectKey(
      { taskUuid: row.uuid, entry: draft.position.entry, attempt: container.attempt?.number ?? 0 },
      scope,
      name,
    );
  const container: CurrentContainer = new CurrentContainer(deps, {
    lease,
    wip,
    launchKey: () => key('entry', 'launch'),
    attempts: input.attempts,
    attempt: input.attempt,
    view: () => attemptView({ container, facts }),
    now: input.now,
  });
  const agent = createAgentAccess(deps, {
    lease,
    effectKey: key,
    attempt: () => container.attempt,
    address: () => container.address(),
    now: input.now,
    onWitnessed: (changed) => container.update(changed),
    signal: stop,
  });
  const deliveries = createDeliveries(deps, { lease, effectKey: key });
  const children = createChildren(deps, { lease, effectKey: key });
  return {
    engine: deps,
    row,
    draft,
    table,
    inbox: input.inbox,
    facts,
    container,
    agent,
    children,
    deliveries,
    now: input.now,
  };
}
