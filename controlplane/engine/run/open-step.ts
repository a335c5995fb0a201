import { sha256Hex } from '../../../shared/keys/signing.ts';
import { instead } from '../../../shared/text/nearest-name.ts';
import { shown } from '../../../shared/text/shown-value.ts';
import type { StepInput } from '../../store/tasks/begin-step.ts';
import type { EffectScope } from '../../tasks/agent-access.ts';
import { findBlock, FINISH } from '../../statetable/table.ts';
import { createChildren } from './create-children.ts';
import { ContainerSession } from '../container/container-session.ts';
import { readAttemptSignals } from '../container/witnesses.ts';
import { createDeliveries } from '../../outbox/step-deliveries.ts';
import type { OpenStep } from './step-context.ts';
import type { Run } from './task-run.ts';

/**
 * Returns the dependencies of the methods of one step: the container and its agent as they were when the step began.
 */
export function openStep(run: Run, input: StepInput): OpenStep {
  const { deps, row, draft, table, lease, wip, abort } = run;
  const key = (scope: EffectScope, name: string): string => {
    const numbers = { task: 0, entry: draft.position.entry, container: session.row?.number ?? 0 };
    return effectKey(row.uuid, { scope, number: numbers[scope], name });
  };
  const session: ContainerSession = new ContainerSession(deps, {
    lease,
    uuid: row.uuid,
    wip,
    effectKey: key,
    attempts: input.attempts,
    attempt: input.attempt,
    signals: readAttemptSignals(input.lifecycleSignals),
    now: input.now,
    abort,
  });
  const deliveries = createDeliveries(deps, { lease, effectKey: key });
  const children = createChildren(deps, { lease, effectKey: key });
  return {
    deps,
    row,
    draft,
    table,
    whyNoState: (name) => whyNoState(run, name),
    inbox: input.inbox,
    session,
    children,
    deliveries,
    now: input.now,
    consumed: new Set(),
  };
}

/**
 * Returns why a name is that of no state; null when there is such a state, or could be one: a class may have the methods of
 * states that its table leaves out, and the shipped blocks name each other.
 */
function whyNoState({ table, wip }: Pick<Run, 'table' | 'wip'>, name: string): string | null {
  if (name === FINISH || findBlock(table, name)) return null;
  if (typeof (wip as unknown as Readonly<Record<string, unknown>>)[name] === 'function') return null;
  const states = table.states.map((state) => state.name);
  return `the table has no state ${shown(name)}${instead(name, states)}`;
}

/**
 * Names one effect. A repetition with the same number is the same effect, and so happens once. The number is the
 * entry of the state, the current container attempt (0 before the first), or 0 for the task. The name has 64
 * hexadecimal characters, a form that the agent accepts as a process key.
 */
function effectKey(taskUuid: string, effect: { scope: EffectScope; number: number; name: string }): string {
  return sha256Hex(JSON.stringify([taskUuid, effect.scope, effect.number, effect.name]));
}
