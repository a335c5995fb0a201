import { singleLine } from '../../../../shared/model/single-line.ts';
import { assertNever } from '../../../../shared/model/assert-never.ts';
import type { ExitStatus } from '../../../../shared/model/status.ts';
import { PROCESS_RUNNING } from '../../../containers/wait-reason.ts';
import { FAILURE_MESSAGE, TERMINATED_MESSAGE } from '../../../tasks/basic-wip.ts';
import type { GateView } from '../../queue/queue-views.ts';
import type { TaskSummaryFacts, WaitingView } from '../task-views.ts';

/** Why a task waits. Unknown values are null. */
export interface WaitingFacts {
  readonly code: string;
  /** Completes "It waits because …". */
  readonly clause: string;
  readonly since: string | null;
  readonly last: string | null;
  readonly count: number | null;
  /** When the task gives up. */
  readonly until: string | null;
  readonly remedy: string | null;
  readonly evidence: readonly string[];
}

/** Returns the reason in the form that clients get, with its sentence; the same words for a task, a node and the doctor. */
export function waitingView({ clause, code, since, last, count, until, remedy, evidence }: WaitingFacts): WaitingView {
  const sentence = asSentence(`${clause[0]?.toUpperCase() ?? ''}${clause.slice(1)}`);
  return { code, sentence, since, last, count, until, remedy: remedy && asSentence(remedy), evidence: [...evidence] };
}

type ExplainedTask = TaskSummaryFacts & {
  readonly exitDetail?: string | null;
  readonly terminateRequest?: { readonly by: string | null } | null;
};

/** Returns one sentence: why the task ended, why it waits, or what it does. */
export function whyOf(task: ExplainedTask): string {
  switch (task.status) {
    case 'COMPLETE':
      if (task.exitStatus === 'TERMINATED') return whyTerminated(task);
      return whyEnded(task.exitStatus, { message: task.exitMessage, detail: task.exitDetail ?? null });
    case 'PROCESSING':
      return processing(task);
    case 'WAITING':
      return waiting(task);
    case 'NOT_STARTED':
    case 'RESTARTED':
      return queued(task);
    case 'NOT_READY':
      return 'It was added and has not been released to the queue yet.';
    default:
      return assertNever(task.status);
  }
}

// As much as one sentence can bear. The detail has the rest.
const MAX_REASON = 1_000;
const ANNOUNCING = /[:[{(]$/;
/** The first half of a character that was cut in two. */
const HALF_AT_END = /[\uD800-\uDBFF]$/;

/** Returns one sentence: why a task ended. The message of a failure that no class has explained tells less than its detail. */
export function whyEnded(
  status: ExitStatus,
  { message, detail }: { readonly message: string | null; readonly detail: string | null },
): string {
  const reason = message === FAILURE_MESSAGE ? firstSentence(detail ?? '') : '';
  const said = reason.slice(0, MAX_REASON).replace(HALF_AT_END, '') || message;
  return said ? asSentence(said) : endOf(status);
}

/**
 * Returns the first line; if that only introduces the next line (it ends with a colon or an open bracket), the next line too,
 * because errors of libraries have their content there.
 */
function firstSentence(text: string): string {
  let sentence = '';
  for (const line of text.split('\n')) {
    sentence = singleLine(`${sentence} ${line}`);
    if (sentence !== '' && !ANNOUNCING.test(sentence)) break;
  }
  return sentence;
}

/** The default exit message only repeats that the task was terminated, so it is left out. */
function whyTerminated({ exitMessage, terminateRequest }: ExplainedTask): string {
  if (exitMessage !== null && exitMessage !== TERMINATED_MESSAGE) return asSentence(exitMessage);
  const by = terminateRequest?.by ?? null;
  return by === null ? endOf('TERMINATED') : `It was terminated at the request of ${singleLine(by)}.`;
}

function processing(task: TaskSummaryFacts): string {
  if (task.waitsBecause === null) return `A worker is busy with it${inState(task)}.`;
  const before = task.isTerminating ? 'It was asked to terminate, and no' : 'No';
  return `${before} node works on it${inState(task)} because ${task.waitsBecause}.`;
}

function waiting(task: TaskSummaryFacts): string {
  if (task.isTerminating) {
    if (gateOf(task) === null) {
      const because = task.waitsBecause === null ? '' : `; it waits because ${withoutStop(task.waitsBecause)}`;
      return asSentence(`It was asked to terminate and is being ended${inState(task)}${because}`);
    }
    return `It was asked to terminate and waits${inState(task)} because ${gateOf(task)}; it ends when nothing holds it back any more.`;
  }
  const isWorking = task.waiting?.code === PROCESS_RUNNING;
  if (task.isPaused) {
    const meanwhile = isWorking ? ', while its process in the container runs on' : '';
    return `It is paused${inState(task)}${meanwhile}; ${onceResumed(task, 'go on')}.`;
  }
  if (isWorking) return working(task);
  if (task.waitsBecause) {
    return asSentence(`It waits${inState(task)} because ${withoutStop(task.waitsBecause)}${sinceWhen(task.waiting)}`);
  }
  if (task.wakeAt) return `It waits${inState(task)} for a signal, and looks by itself at ${task.wakeAt}.`;
  return `It waits${inState(task)} for a signal.`;
}

/** Names the work rather than the wait: the control plane waits for the process, and the process does the work. */
function working(task: TaskSummaryFacts): string {
  const { step } = task;
  return step
    ? `It runs step ${step.number} of ${step.of}, "${singleLine(step.name)}",${inState(task)}.`
    : `Its process is running in the container${inState(task)}.`;
}

function queued(task: TaskSummaryFacts): string {
  const before = task.status === 'RESTARTED' ? 'It was restarted and' : 'It has not started and';
  if (task.isTerminating) {
    const held =
      gateOf(task) === null ? '' : `; it waits because ${gateOf(task)}, and ends when nothing holds it back any more`;
    return `${before} was asked to terminate${held}.`;
  }
  if (task.isPaused) return `${before} is paused; ${onceResumed(task, 'start')}.`;
  return task.waitsBecause ? `${before} waits because ${task.waitsBecause}.` : `${before} waits for a worker.`;
}

/** Codes of the reasons outside of a task that hold it back, as `decideWaiting` returns them. */
const GATES: ReadonlySet<string> = new Set<GateView['code']>([
  'all-paused',
  'group-paused',
  'class-missing',
  'maintenance',
  'target-in-use',
  'group-full',
]);

/** Returns the clause of the gate that holds the task back beside its own pause; null: none does. */
export function gateOf({ waiting, waitsBecause }: Pick<TaskSummaryFacts, 'waiting' | 'waitsBecause'>): string | null {
  return waiting && GATES.has(waiting.code) ? waitsBecause : null;
}

/** Resuming helps at once only when no other gate is closed. */
function onceResumed(task: TaskSummaryFacts, doing: 'go on' | 'start'): string {
  const gate = gateOf(task);
  return gate === null ? `resume it to let it ${doing}` : `once it is resumed it still waits, because ${gate}`;
}

function endOf(status: ExitStatus): string {
  switch (status) {
    case 'COMPLETED':
      return 'It completed.';
    case 'WARNING':
      return 'It completed with a warning.';
    case 'TERMINATED':
      return 'It was terminated on request.';
    case 'ERROR_USER':
      return 'It failed because of what it was asked to do.';
    case 'ERROR_SYSTEM':
      return 'It failed because of the system, not because of what it was asked to do.';
    case 'NOT_FINISHED':
      return 'It ended without saying how.';
    default:
      return assertNever(status);
  }
}

function inState(task: TaskSummaryFacts): string {
  return task.state ? ` in the state ${task.state}` : '';
}

/** A wait that was tried again says since when: the sentence of its last answer alone looks as if it were new. */
function sinceWhen(waiting: WaitingView | null): string {
  if (!waiting?.since || !waiting.remedy || (waiting.count ?? 0) < 2) return '';
  return ` (since ${waiting.since.slice(0, 16)}Z, tried ${waiting.count} times)`;
}

function asSentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '');
}
