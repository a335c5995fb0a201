import type { Fault, Retry } from '../../../shared/model/fault.ts';
import { singleLine } from '../../../shared/model/single-line.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import type { Cause } from './causes.ts';

/** Why a container or a task ended, as it is stored once and shown everywhere. */
export interface EndCause {
  readonly cause: string;
  /** Null for an end that nobody is to blame for: the task was through with its container. */
  readonly fault: Fault | null;
  /** Null for a task: another one is for people to decide. */
  readonly retry: Retry | null;
  readonly sentence: string;
  readonly remedy: string | null;
  readonly evidence: readonly string[];
}

/** Why a task ended: like EndCause, without a cause when the class gave none. */
export interface TaskEndCause extends Omit<EndCause, 'cause'> {
  readonly cause: string | null;
}

// A row is read with each step of its task, so it stays small. Twice the longest reason of ECS, and more lines than any
// end has had (ours).
const MAX_EVIDENCE_CHARACTERS = 2_048;
const MAX_EVIDENCE_LINES = 20;

/** Returns a cause in the form that is stored. */
export function endCauseOf<C extends string | null>(
  cause: Omit<EndCause, 'cause' | 'evidence'> & { readonly cause: C } & Pick<Cause, 'evidence'>,
): Omit<EndCause, 'cause'> & { readonly cause: C } {
  const evidence = cause.evidence
    .slice(0, MAX_EVIDENCE_LINES)
    .map((line) => (line.length > MAX_EVIDENCE_CHARACTERS ? `${line.slice(0, MAX_EVIDENCE_CHARACTERS)}…` : line));
  return { ...cause, sentence: singleLine(cause.sentence), evidence };
}

/** The end of a container whose task had asked its agent to shut down. */
export const RELEASED = {
  cause: 'released',
  fault: null,
  retry: 'never',
  sentence: 'The task was through with the container and released it',
  remedy: null,
} as const satisfies Omit<EndCause, 'evidence'>;

/** The end of a container that was stopped because its enrolment token was used twice. */
export const ENROLMENT_REUSED: EndCause = {
  cause: 'enrolment-reused',
  fault: 'system',
  retry: 'never',
  sentence: 'The enrolment token of the container was used twice before it was verified, so it was stopped',
  remedy: null,
  evidence: [],
};

/** Returns the stored end of a task; null when its cause was written by a node that stores none. */
export function storedEndOf(task: {
  readonly endCause: TaskEndCause | null;
  readonly cause: string | null;
}): TaskEndCause | null {
  return task.endCause && task.endCause.cause === task.cause ? task.endCause : null;
}

/** Returns whose doing the end of a task was: as it was stored with its cause, or what its exit status says. */
export function faultOfExit(status: ExitStatus, stored: Fault | null): Fault | null {
  if (status !== 'ERROR_USER' && status !== 'ERROR_SYSTEM') return null;
  return stored ?? (status === 'ERROR_USER' ? 'user' : 'system');
}
