import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { JsonObject, Schema } from '../schema.ts';

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

export interface BegunStep {
  /** The whole inbox, in order of attempt and sequence: what moved in now and what earlier steps left there. */
  readonly inbox: readonly InboxSignal[];
  readonly terminateRequested: boolean;
  /** The task itself is paused: finish nothing more than this step. */
  readonly paused: boolean;
  /** Where the wait that ended would have ended by itself; a save with `wait-on` goes back to it. */
  readonly waitUntil: Date | null;
  /** Number of the attempt whose signals touch the task; null before the first and after a restart. */
  readonly currentAttempt: number | null;
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
  const { rows } = await sql<Omit<BegunStep, 'inbox'> & { inbox: StoredSignal[] }>`
    SELECT * FROM wip_begin_step(${fence.id}, ${fence.token})`.execute(db);
  const begun = rows[0];
  if (!begun) return null;
  const inbox = begun.inbox.map((signal) => ({ ...signal, receivedAt: new Date(signal.receivedAt) }));
  return { ...begun, inbox };
}

/** As jsonb carries it: the instant as text. */
interface StoredSignal extends Omit<InboxSignal, 'receivedAt'> {
  readonly receivedAt: string;
}
