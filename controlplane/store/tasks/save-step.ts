import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { EXIT_STATUS, type ExitStatus } from '../../../shared/model/status.ts';
import type { WaitReason } from '../../containers/wait-reason.ts';
import type { TaskEndCause } from '../../containers/causes/end-cause.ts';
import type { Position } from '../../statetable/position.ts';
import { isAnyOf } from '../is-any-of.ts';
import { json, type JsonObject } from '../json.ts';
import { cleanText } from '../json-text.ts';
import { SLOT, STATUS } from '../literals.ts';
import { retryConflicts } from '../retry-conflicts.ts';
import type { NewStep, Schema } from '../schema.ts';
import type { TaskContexts } from '../schema/task-tables.ts';
import { intents, type NewRequest } from '../outbox/requests.ts';
import type { TaskLease } from './leases.ts';
import { WAKES } from './wakes.ts';

/** Continuation of the task after the saved step. */
export type Next =
  /** The node keeps the task; `state` is about to be entered, and is entered again after a takeover. */
  | { readonly kind: 'entering'; readonly state: string }
  /** The task goes back into the queue, runnable, so that others get their turn. */
  | { readonly kind: 'yield' }
  /** The task sleeps for this time, or until it is woken. `isCutBySignals`: signals end this wait too, not only requests of people. */
  | ({ readonly kind: 'wait'; readonly seconds: number } & Wait)
  /** The task goes back to the wait that a signal cut short (StepInput.waitUntil), which may be over by now. */
  | ({ readonly kind: 'wait-on' } & Wait)
  /** The end: the group's slot and the work id are free in the same commit. */
  | { readonly kind: 'complete' };

interface Wait {
  readonly isCutBySignals: boolean;
  /** Completes "It waits because …"; null or absent when the task gives no reason. */
  readonly waitsFor?: string | null;
  readonly waitReason?: WaitReason | null;
}

/** Fields that are left out do not change. */
export interface SavedStep {
  readonly state?: string | null;
  readonly entry?: number;
  readonly position?: Position;
  readonly contexts?: TaskContexts;
  readonly memory?: JsonObject;
  readonly classVersion?: string;
  readonly timers?: Record<string, number>;
  readonly exitStatus?: ExitStatus;
  readonly exitMessage?: string | null;
  readonly exitDetail?: string | null;
  readonly cause?: string | null;
  readonly endCause?: TaskEndCause | null;
  /** The recording, in order. */
  readonly steps?: readonly RecordedRow[];
  readonly logs?: readonly NewLog[];
  /** Signals that methods took out of the inbox. */
  readonly consumed?: readonly number[];
  /** Requests to services outside that tell of this step. */
  readonly requests?: readonly NewRequest[];
  readonly next: Next;
}

/** A row of the recording. It is saved with the state that follows, some time after its step. */
export interface RecordedRow extends NewStep {
  /** How long before the save its step began. */
  readonly agoMs: number;
}

export interface NewLog {
  /** FATAL 1 … TRACE 7. */
  readonly level: number;
  readonly message: string;
  readonly isUserReadable: boolean;
}

export type SaveOutcome =
  /** `hasNews`: an event has arrived since the step began; the next step of a kept task must begin with beginStep. */
  | {
      readonly kind: 'saved';
      readonly hasNews: boolean;
      readonly isRunnable: boolean;
      /** Milliseconds from the commit until the wait ends by itself; null: the task does not sleep. */
      readonly sleepsMs: number | null;
      /** As of the commit; see StepInput. */
      readonly isOverdue: boolean;
      readonly now: Date;
      /** The task has ended before its children. */
      readonly hasOrphans: boolean;
      /** Tasks about which the caller notifies the nodes: runnable ones, and an ended one, because its slot is free. */
      readonly toNotify: readonly TaskId[];
    }
  /** Another node has the task. Nothing was written: drop it at once. */
  | { readonly kind: 'lost' };

type Saved = Extract<SaveOutcome, { kind: 'saved' }>;
/** What the statement returns. */
type SavedRow = Omit<Saved, 'kind' | 'toNotify'> & { readonly parentId: TaskId | null };

/**
 * Writes one step: position, recording, log, consumed signals and what follows, in one statement and so in one
 * commit. Whether the task sleeps is decided here, under the row's lock, by comparing wake_seq with seen_seq.
 */
export async function saveStep(db: Kysely<Schema>, lease: TaskLease, step: SavedStep): Promise<SaveOutcome> {
  const sets = [...changed(step), ...follows(step.next), sql`takeovers = 0`];
  const parts = [
    sql`saved AS (
      UPDATE task SET ${sql.join(sets)} WHERE id = ${lease.id} AND token = ${lease.token} AND status = ${STATUS.PROCESSING}
      RETURNING id, parent_id, group_name, slot, status, wake_seq > seen_seq AS has_news,
        status = ${STATUS.WAITING} AND wake_at <= now() AS is_runnable,
        CASE WHEN status = ${STATUS.WAITING} THEN greatest(0, 1000 * extract(epoch FROM wake_at - now()))::float8 END AS sleeps_ms,
        coalesce(now() > started_at + make_interval(secs => max_run_seconds), false) AS is_overdue, now() AS now)`,
    ...rowsOf(step),
    ...(step.next.kind === 'complete' ? completions() : []),
  ];
  const orphans =
    step.next.kind === 'complete'
      ? sql`EXISTS (SELECT FROM task child WHERE child.parent_id = saved.id AND child.parent_id IS NOT NULL AND child.status <> ${STATUS.COMPLETE})`
      : sql`false`;
  const { rows } = await retryConflicts(() =>
    sql<SavedRow>`WITH ${sql.join(parts)} SELECT has_news, is_runnable, sleeps_ms, is_overdue, now, parent_id, ${orphans} AS has_orphans FROM saved`.execute(
      db,
    ),
  );
  const saved = rows[0];
  if (!saved) return { kind: 'lost' };
  const { parentId, ...now } = saved;
  const hasEnded = step.next.kind === 'complete';
  const toNotify = [
    ...(saved.isRunnable || hasEnded ? [lease.id] : []),
    ...(hasEnded && parentId !== null ? [parentId] : []),
  ];
  return { kind: 'saved', ...now, toNotify };
}

function changed(step: SavedStep): RawBuilder<unknown>[] {
  const sets: RawBuilder<unknown>[] = [];
  if (step.state !== undefined) sets.push(sql`state = ${step.state}`);
  if (step.entry !== undefined) sets.push(sql`entry = ${step.entry}`);
  if (step.classVersion !== undefined) sets.push(sql`class_version = ${step.classVersion}`);
  if (step.exitStatus !== undefined) sets.push(sql`exit_status = ${EXIT_STATUS[step.exitStatus]}`);
  if (step.exitMessage !== undefined) sets.push(sql`exit_message = ${cleanOrNull(step.exitMessage)}`);
  if (step.exitDetail !== undefined) sets.push(sql`exit_detail = ${cleanOrNull(step.exitDetail)}`);
  if (step.cause !== undefined) sets.push(sql`cause = ${cleanOrNull(step.cause)}`);
  if (step.endCause !== undefined) sets.push(sql`end_cause = ${step.endCause && json(step.endCause)}`);
  for (const name of ['position', 'contexts', 'memory', 'timers'] as const) {
    if (step[name] !== undefined) sets.push(sql`${sql.ref(name)} = ${json(step[name])}`);
  }
  return sets;
}

function cleanOrNull(text: string | null): string | null {
  return text === null ? null : cleanText(text);
}

const RELEASES = sql`owner = NULL, lease_until = NULL, entering = NULL`;

function follows(next: Next): RawBuilder<unknown>[] {
  switch (next.kind) {
    case 'entering':
      return [sql`entering = ${next.state}`];
    case 'yield':
      return [RELEASES, sql`status = ${STATUS.WAITING}, wait_until = NULL, wake_at = now()`];
    case 'wait':
      return sleeps(sql`now() + make_interval(secs => ${next.seconds})`, next);
    case 'wait-on':
      return sleeps(sql`coalesce(wait_until, now())`, next);
    case 'complete':
      return [
        RELEASES,
        sql`status = ${STATUS.COMPLETE}, completed_at = now(), wait_until = NULL, is_prioritized = false`,
      ];
  }
}

/**
 * Assignments for a sleep until the given time. It never lasts beyond the task's maximum run time, and is skipped when an event
 * has arrived since the step began.
 */
function sleeps(until: RawBuilder<unknown>, next: Wait): RawBuilder<unknown>[] {
  const deadline = sql`started_at + make_interval(secs => max_run_seconds)`;
  const bounded = sql`CASE WHEN ${deadline} > now() THEN least(${until}, ${deadline}) ELSE ${until} END`;
  const seen = next.isCutBySignals ? sql`wake_seq` : sql`urgent_seq`;
  return [
    RELEASES,
    sql`status = ${STATUS.WAITING}, wait_until = ${bounded}, wake_at = CASE WHEN ${seen} > seen_seq THEN now() ELSE ${bounded} END`,
    sql`is_cut_by_signals = ${next.isCutBySignals}, waits_for = ${cleanOrNull(next.waitsFor ?? null)}`,
    sql`wait_reason = ${next.waitReason ? json(next.waitReason) : null}`,
  ];
}

// The largest number that the column holds; a table may have a wait that is one second longer.
const LONGEST_WAIT_SECONDS = 2 ** 31 - 1;

function rowsOf(step: SavedStep): RawBuilder<unknown>[] {
  const parts: RawBuilder<unknown>[] = [];
  if (step.steps?.length) {
    parts.push(sql`recorded AS (
      INSERT INTO step (task_id, entry, from_state, value, state, executed, timer, took_ms, started_at, wait_seconds, note)
      SELECT saved.id, entry, "fromState", value, state, executed, timer, "tookMs",
        now() - make_interval(secs => "agoMs" / 1000.0), least("waitSeconds", ${LONGEST_WAIT_SECONDS}), note
      FROM saved, jsonb_to_recordset(${json(step.steps)}) AS row (entry integer, "fromState" text, value text, state text,
        executed boolean, timer text, "tookMs" integer, "agoMs" integer, "waitSeconds" bigint, note text))`);
  }
  if (step.logs?.length) {
    parts.push(sql`logged AS (
      INSERT INTO task_log (task_id, level, message, is_user_readable)
      SELECT saved.id, level, message, "isUserReadable"
      FROM saved, jsonb_to_recordset(${json(step.logs)}) AS row (level smallint, message text, "isUserReadable" boolean))`);
  }
  if (step.consumed?.length) {
    parts.push(sql`consumed AS (
      UPDATE signal SET consumed_at = now() FROM saved
      WHERE ${isAnyOf(sql`signal.id`, 'bigint', step.consumed)} AND signal.task_id = saved.id)`);
  }
  if (step.requests?.length) parts.push(...intents(sql`saved`, step.requests));
  return parts;
}

function completions(): RawBuilder<unknown>[] {
  return [
    sql`freed AS (
      UPDATE group_limit SET running = running - 1 FROM saved WHERE group_limit.name = saved.group_name AND saved.slot = ${SLOT.own})`,
    sql`told_parent AS (
      UPDATE task SET ${WAKES} FROM saved WHERE task.id = saved.parent_id AND task.status <> ${STATUS.COMPLETE})`,
  ];
}
