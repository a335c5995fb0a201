import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Signal } from '../../../shared/protocol/signals.ts';
import type { JsonObject } from '../json.ts';
import type { AttemptRow, Schema } from '../schema.ts';
import type { TaskLease } from './leases.ts';

/** A signal in the task's inbox. It stays there until a step that consumed it is saved. */
export interface InboxRow {
  readonly id: number;
  /** The number of the container attempt that sent it. */
  readonly attempt: number;
  readonly seq: number;
  readonly classId: string;
  readonly body: Signal;
  readonly receivedAt: Date;
}

/** A signal in which a container reports its own life: ready, output or exit. */
interface LifecycleSignal {
  readonly classId: string;
  readonly body: Signal;
}

/** Everything that a step's decision depends on, as of the begin of the step. Both a claim and `beginStep` return it. */
export interface StepInput {
  /** The whole inbox, in order of attempt and sequence: the signals that moved in now and those of earlier steps. */
  readonly inbox: readonly InboxRow[];
  readonly terminateRequested: boolean;
  /** A pause forbids touching the task: its own pause, or a hard pause of its group or of everything. */
  readonly paused: boolean;
  /** When the interrupted wait would have ended by itself; a save with `wait-on` continues it. */
  readonly waitUntil: Date | null;
  /** The attempt whose signals touch the task; null before the first and after a restart. */
  readonly attempt: AttemptRow | null;
  /** The first ready, output and exit signal of this attempt, consumed or not, oldest first. */
  readonly lifecycleSignals: readonly LifecycleSignal[];
  /** How many attempts there ever were. */
  readonly attempts: number;
  /** The task has run longer than maxRunSeconds. */
  readonly isOverdue: boolean;
  /** The database's time. */
  readonly now: Date;
}

/**
 * Begins a step: moves new signals of the current attempt into the inbox, and stores in seen_seq what the step has seen, so that
 * its save can detect newer events. Returns null when the lease is lost because another node has the task.
 */
export async function beginStep(db: Kysely<Schema>, lease: TaskLease): Promise<StepInput | null> {
  const { rows } = await sql<{ input: StepInputJson | null }>`
    SELECT ${stepInputJson(sql`${lease.id}`, sql`${lease.token}`, sql`NULL`)} AS input`.execute(db);
  const input = rows[0]?.input;
  return input ? stepInputOf(input) : null;
}

/**
 * Begins a step within another statement, as a column that `stepInputOf` reads. `hasNews` says whether that statement
 * has raised seen_seq to wake_seq; NULL: it has not touched them.
 */
export function stepInputJson(
  task: RawBuilder<unknown>,
  token: RawBuilder<unknown>,
  hasNews: RawBuilder<unknown>,
): RawBuilder<StepInputJson | null> {
  return sql<StepInputJson | null>`wip_take_step(${task}, ${token}, ${hasNews})`;
}

export function stepInputOf({ waitUntil, now, inbox, attempt, said, ...same }: StepInputJson): StepInput {
  return {
    ...same,
    waitUntil: waitUntil === null ? null : new Date(waitUntil),
    now: new Date(now),
    inbox: inbox.map((signal) => ({ ...signal, receivedAt: new Date(signal.receivedAt) })),
    attempt: attempt && rowOf<AttemptRow>(attempt),
    lifecycleSignals: said,
  };
}

/**
 * A step's input as the SQL function wip_take_step returns it: instants are text, and the attempt has the names of its
 * columns. Nodes of the version before call the same function, so its keys keep their names.
 */
export interface StepInputJson extends Omit<StepInput, 'waitUntil' | 'now' | 'inbox' | 'attempt' | 'lifecycleSignals'> {
  readonly waitUntil: string | null;
  readonly now: string;
  readonly inbox: readonly (Omit<InboxRow, 'receivedAt'> & { readonly receivedAt: string })[];
  readonly attempt: JsonObject | null;
  readonly said: readonly LifecycleSignal[];
}

/** Converts a row of to_jsonb to the types that the driver would return. Columns of instants are recognised by the suffix `_at`. */
function rowOf<Row>(columns: JsonObject): Row {
  const entries = Object.entries(columns).map(([name, value]) => [
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    name.endsWith('_at') && typeof value === 'string' ? new Date(value) : value,
  ]);
  return Object.fromEntries(entries) as Row;
}
