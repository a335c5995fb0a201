/** What is known of a wait beside its sentence. */
export interface WaitDetail {
  /** One word for programs, such as `no-capacity` or `access-denied`. */
  readonly code: string;
  /** What people can do, without the final full stop. */
  readonly remedy?: string;
  /** The facts, in the words of who told them. */
  readonly evidence?: readonly string[];
  /** ISO 8601; when left out, since the first of the waits in a row that had this code. */
  readonly since?: string;
  /** ISO 8601: when the task gives up. */
  readonly until?: string;
  /** The longest time after which the task checks again, in seconds; the row of the table may say less. */
  readonly recheckSeconds?: number;
  /** The wait is for its cluster, and ends early when that has room again, or can be used again. */
  readonly isForRoom?: boolean;
}

/** Why a task waits, as it is stored with the wait. */
export interface WaitReason {
  readonly code: string;
  /** Completes "It waits because …". */
  readonly clause: string;
  readonly since: string;
  /** When the task said so last, and how often in a row. */
  readonly last: string;
  readonly count: number;
  readonly remedy: string | null;
  readonly evidence: readonly string[];
  readonly until: string | null;
  readonly isForRoom: boolean;
}

/** The code of a wait of which a task told the sentence alone. */
export const PLAIN_WAIT = 'task';

/** The code of a wait for the task's own process, which works meanwhile. */
export const PROCESS_RUNNING = 'process-running';

/**
 * Whether the task asks for something again and again, such as its launch. Other waits are looked at as often, and nothing is
 * tried then.
 */
export function isTry({ remedy, until, isForRoom }: Pick<WaitReason, 'remedy' | 'until' | 'isForRoom'>): boolean {
  return remedy !== null || until !== null || isForRoom;
}

/** Returns the reason of a wait that begins now. A reason that only repeats the one before keeps its beginning. */
export function nextWaitReason(
  before: WaitReason | null,
  { clause, detail }: { readonly clause: string; readonly detail: WaitDetail | null },
  now: Date,
): WaitReason {
  const at = now.toISOString();
  const code = detail?.code ?? PLAIN_WAIT;
  const isSame = before !== null && before.code === code && (code !== PLAIN_WAIT || before.clause === clause);
  return {
    code,
    clause,
    since: detail?.since ?? (isSame ? before.since : at),
    last: at,
    count: isSame ? before.count + 1 : 1,
    remedy: detail?.remedy ?? null,
    evidence: detail?.evidence ?? [],
    until: detail?.until ?? null,
    isForRoom: detail?.isForRoom ?? false,
  };
}
