import { sql, type RawBuilder } from 'kysely';
import { PAUSE, PAUSE_SETTING, QUEUED, SLOT, STATUS } from '../literals.ts';
import type { TaskRow } from '../schema.ts';
import type { ClassVersion } from '../../tasks/checks/class-versions.ts';
import type { StepInput } from './begin-step.ts';

export interface Claim {
  /** The node's name; unique among live nodes. */
  readonly node: string;
  readonly limit: number;
  readonly leaseSeconds: number;
  /** The classes that the node has loaded. Only their tasks are claimed by it. */
  readonly kinds: readonly ClassVersion[];
  /** Whether tasks with an expired lease are claimed too; `take-over` by default. */
  readonly expiredLeases?: 'take-over' | 'leave';
  /** Whether queued tasks are started too; `admit` by default. */
  readonly newTasks?: 'admit' | 'leave';
}

export interface ClaimedTask extends TaskRow {
  /** The lease of another node (or of this one, before a restart) had expired; `takeovers` counts these. */
  readonly isTakeover: boolean;
  /** The node that had the task until this claim; null: it was handed back, or is new. */
  readonly previousOwner: string | null;
  /** Input of the first step, which began with the claim; null when that step has yet to begin. */
  readonly stepInput: StepInput | null;
}

/** Name in `setting` of the pause that holds for all groups; its value is "soft" or "hard". */
export const GLOBAL_PAUSE = 'pause';

// PostgreSQL evaluates the pauses once per statement and not once per row, because they depend only on the row's group.
const isGloballyHard = sql`EXISTS (SELECT FROM setting WHERE name = ${GLOBAL_PAUSE} AND value = ${PAUSE_SETTING.hard})`;
export const isGloballyPaused = sql<boolean>`EXISTS (SELECT FROM setting WHERE name = ${GLOBAL_PAUSE})`;

/** Condition: no pause forbids a claim of the task. Hard pauses do; the task's own pause does unless the task was asked to terminate. */
export const isAllowedByPauses = sql<boolean>`NOT ${isGloballyHard}
  AND group_name NOT IN (SELECT name FROM group_limit WHERE pause = ${PAUSE.hard})
  AND (NOT paused OR terminate_requested_at IS NOT NULL)`;

/** Name in `setting`. The setting is there while the maintenance lasts, so a maintenance outlives every node. */
export const MAINTENANCE = 'maintenance';

/** Condition: the task does not wait for the end of a maintenance. Like the pauses, it is evaluated once per statement. */
export const isPastMaintenance = sql<boolean>`(NOT starts_after_maintenance
  OR NOT EXISTS (SELECT FROM setting WHERE name = ${MAINTENANCE}))`;

/** Condition: the task is added and not admitted, so it holds no slot. Its text is exactly that of the partial indexes. */
export const isQueued = sql<boolean>`slot = ${SLOT.none} AND status IN ${QUEUED}`;

/** The assignments of every claim, however the task was found. */
export function takes(claim: Pick<Claim, 'node' | 'leaseSeconds'>): RawBuilder<unknown> {
  return sql`status = ${STATUS.PROCESSING}, token = token + 1, owner = ${claim.node},
    lease_until = now() + make_interval(secs => ${claim.leaseSeconds}), waits_for = NULL`;
}

/** Condition: the task's class is one of these. They do not change while a node runs, so they are literals. */
export function isRunnableBy({ kinds }: Pick<Claim, 'kinds'>): RawBuilder<boolean> {
  if (kinds.length === 0) return sql<boolean>`false`;
  const pairs = kinds.map(({ kind, classVersion }) => sql`(${sql.lit(kind)}, ${sql.lit(classVersion)})`);
  return sql<boolean>`(kind, class_version) IN (${sql.join(pairs)})`;
}
