import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { AttemptRow, JsonObject, Schema } from '../schema.ts';

/** What a step belongs to: a task, as claimed. Every write of the step carries the token and is fenced by it. */
export interface Fence {
  readonly id: TaskId;
  readonly token: number;
}

/** A signal in the task's inbox. It stays there until a step that consumed it is saved. */
export interface InboxSignal {
  readonly id: number;
  /** The number of the container attempt it came from. */
  readonly attempt: number;
  readonly seq: number;
  readonly classId: string;
  readonly body: JsonObject;
  readonly receivedAt: Date;
}

/** What a container said of its own life. */
export interface SaidSignal {
  readonly classId: string;
  readonly body: JsonObject;
}

export interface BegunStep {
  /** The whole inbox, in order of attempt and sequence: what moved in now and what earlier steps left there. */
  readonly inbox: readonly InboxSignal[];
  readonly terminateRequested: boolean;
  /** A pause forbids to touch the task: its own, or a hard one of its group or of everything. */
  readonly paused: boolean;
  /** Where the wait that ended would have ended by itself; a save with `wait-on` goes back to it. */
  readonly waitUntil: Date | null;
  /** The attempt whose signals touch the task; null before the first and after a restart. */
  readonly attempt: AttemptRow | null;
  /** What its container said, consumed or not: ready, output and exit, oldest first. */
  readonly said: readonly SaidSignal[];
  /** How many attempts there ever were. */
  readonly attempts: number;
  /** The task has run longer than maxRunSeconds. */
  readonly isOverdue: boolean;
  /** The database's time. */
  readonly now: Date;
}

/**
 * Begins a step: new signals of the current attempt move into the inbox, and what the step has seen is noted, so
 * that its save can tell whether something came since. null: fenced, another node has the task; drop it.
 */
export async function beginStep(db: Kysely<Schema>, fence: Fence): Promise<BegunStep | null> {
  const { rows } = await sql<{ opened: OpenedStep | null }>`
    SELECT ${opensStep(sql`${fence.id}`, sql`${fence.token}`, sql`NULL`)} AS opened`.execute(db);
  const opened = rows[0]?.opened;
  return opened ? readStep(opened) : null;
}

/**
 * The same within another statement, which answers it as a column that readStep reads. `hasNews`: whether that
 * statement has raised seen_seq to wake_seq from below; NULL when it has not touched them.
 */
export function opensStep(
  task: RawBuilder<unknown>,
  token: RawBuilder<unknown>,
  hasNews: RawBuilder<unknown>,
): RawBuilder<OpenedStep | null> {
  return sql<OpenedStep | null>`wip_take_step(${task}, ${token}, ${hasNews})`;
}

export function readStep({ waitUntil, now, inbox, attempt, ...same }: OpenedStep): BegunStep {
  return {
    ...same,
    waitUntil: waitUntil === null ? null : new Date(waitUntil),
    now: new Date(now),
    inbox: inbox.map((signal) => ({ ...signal, receivedAt: new Date(signal.receivedAt) })),
    attempt: attempt && rowOf<AttemptRow>(attempt),
  };
}

/** As jsonb carries it: instants as text, and the attempt with the names that its columns have in the database. */
export interface OpenedStep extends Omit<BegunStep, 'waitUntil' | 'now' | 'inbox' | 'attempt'> {
  readonly waitUntil: string | null;
  readonly now: string;
  readonly inbox: readonly (Omit<InboxSignal, 'receivedAt'> & { readonly receivedAt: string })[];
  readonly attempt: JsonObject | null;
}

/** A row out of to_jsonb, as the driver would have given it. By our names, an instant ends with `_at`. */
function rowOf<Row>(columns: JsonObject): Row {
  const entries = Object.entries(columns).map(([name, value]) => [
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    name.endsWith('_at') && typeof value === 'string' ? new Date(value) : value,
  ]);
  return Object.fromEntries(entries) as Row;
}
