import { sql, type RawBuilder } from 'kysely';
import { EXIT_STATUS, TASK_STATUS } from '../../shared/model/status.ts';
import type { AttemptState } from './schema/container-tables.ts';
import type { PauseType } from './schema/operation-tables.ts';
import type { EffectState, Slot } from './schema/task-tables.ts';

// States and statuses as literals within SQL. They are not parameters, because the planner uses a partial index only when it sees
// the exact values of the index's condition. A test refuses statements that contain the values themselves.

type Literals<Name extends string> = Readonly<Record<Name, RawBuilder<unknown>>>;

function literals<Name extends string>(values: Readonly<Record<Name, string | number>>): Literals<Name> {
  const entries = Object.entries<string | number>(values).map(([name, value]) => [name, sql.lit(value)]);
  return Object.fromEntries(entries) as Literals<Name>;
}

/** `task.status`. */
export const STATUS = literals(TASK_STATUS);
/** `task.exit_status`. */
export const EXIT = literals(EXIT_STATUS);
/** `task.slot`. */
export const SLOT = literals<Slot>({ none: 'none', own: 'own', parent: 'parent' });
/** `effect.state`. */
export const EFFECT = literals<EffectState>({
  intended: 'intended',
  answered: 'answered',
  refused: 'refused',
  unknown: 'unknown',
});
/** `container_attempt.state`. */
export const ATTEMPT = literals<AttemptState>({
  intended: 'intended',
  launched: 'launched',
  void: 'void',
  stopped: 'stopped',
});
/** `group_limit.pause`. */
export const PAUSE = literals<PauseType>({ soft: 'soft', hard: 'hard' });
/** `setting.value` of the pause of everything. */
export const PAUSE_SETTING = literals<PauseType>({ soft: '"soft"', hard: '"hard"' });

/** States of an attempt that may have a container. */
export const LIVE_STATES = ['intended', 'launched'] as const satisfies readonly AttemptState[];
/** The same as a list for `IN`. */
export const LIVE = sql`(${sql.join(LIVE_STATES.map((state) => ATTEMPT[state]))})`;

/** Statuses of tasks that are queued when they hold no slot, as a list for `IN`. */
export const QUEUED = sql`(${STATUS.NOT_STARTED}, ${STATUS.RESTARTED})`;
/** Statuses of tasks that no node steps and whose `wake_at` is in effect, as a list for `IN`. */
export const SLEEPING = sql`(${STATUS.WAITING}, ${STATUS.RESTARTED})`;
/** Statuses of tasks that are neither stepped nor ended, as a list for `IN`. */
export const RESTING = sql`(${STATUS.NOT_STARTED}, ${STATUS.WAITING}, ${STATUS.RESTARTED})`;
