import { exitDetailBeside } from './exit-detail.ts';
import type { Fault } from '../../../shared/model/fault.ts';
import { exitStatusOf, PRIORITY, taskStatusOf, type Priority } from '../../../shared/model/status.ts';
import { Usage } from '../../../shared/protocol/signals.ts';
import type { Verdict } from '../../../shared/model/verdict.ts';
import { faultOfExit, storedEndOf, type EndCause } from '../../containers/causes/end-cause.ts';
import { LEGACY_LACKS } from '../../containers/legacy-lacks.ts';
import type { TaskCommits } from '../../tasks/basic-wip.ts';
import type { KindTable } from '../../tasks/checks/kind-table.ts';
import { buildFacts } from './build/build-facts.ts';
import { decidePhase, runningStep } from './build/build-progress.ts';
import { stateSinceOf } from './why/state-since.ts';
import type { TaskViewFacts, TaskSummaryFacts } from './task-views.ts';
import type { UsualView } from './build/build-views.ts';
import type { TaskAttemptView, UsageView } from './attempt-views.ts';
import type { ContainerSize } from '../../store/clusters/task-definitions.ts';
import { waitingView, type WaitingFacts } from './why/why.ts';
import type { AttemptUsage } from '../../store/output/read-usage.ts';
import type { AttemptRow, TaskRow } from '../../store/schema.ts';
import type { TaskProgress } from '../../store/tasks/read-progress.ts';
import type { ListedTask } from '../../store/tasks/read-tasks.ts';

const PRIORITY_NAMES = new Map<number, Priority>(Object.entries(PRIORITY).map(([name, n]) => [n, name as Priority]));

function iso(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}

/** The values that a list shows of a task and that are not in its row. */
export interface SummaryParts {
  readonly waiting: WaitingFacts | null;
  readonly progress: TaskProgress | undefined;
  /** Parts of the life of the task's kind, by state; undefined: this node does not have the kind. */
  readonly blocks: KindTable['blocks'] | undefined;
  readonly usualSeconds: number | null;
}

export function summaryFacts(task: ListedTask, parts: SummaryParts): TaskSummaryFacts {
  const { waiting, progress, blocks, usualSeconds } = parts;
  const status = taskStatusOf(task.status);
  const state = task.entering ?? task.state;
  const isTerminating = task.terminateRequestedAt !== null && task.completedAt === null;
  return {
    id: task.id,
    uuid: task.uuid,
    title: task.title,
    kind: task.kind,
    group: task.groupName,
    priority: PRIORITY_NAMES.get(task.priority) ?? 'MEDIUM',
    isPrioritised: task.isPrioritized,
    status,
    state,
    exitStatus: exitStatusOf(task.exitStatus),
    exitMessage: task.exitMessage,
    cause: task.cause,
    fault: faultOf(task),
    isPaused: task.paused,
    isTerminating,
    createdBy: task.createdBy,
    createdAt: task.createdAt.toISOString(),
    startedAt: iso(task.startedAt),
    completedAt: iso(task.completedAt),
    wakeAt: task.completedAt ? null : iso(task.wakeAt),
    waitsBecause: waiting?.clause ?? null,
    waiting: waiting && waitingView(waiting),
    source: progress?.source ?? null,
    phase: decidePhase({ status, state, isTerminating }, blocks),
    stateSince: stateSinceOf(task, progress?.stateSince ?? null).toISOString(),
    step: runningStep(progress?.step ?? null),
    usualSeconds,
    ...(typeof task.exitReason === 'string' && { exitReason: task.exitReason }),
  };
}

/** Returns everything the API shows of one task. `sealed` names the options whose values are never shown. */
export function taskFacts(
  task: TaskRow,
  parts: SummaryParts & {
    attempts: readonly AttemptRow[];
    usage: readonly AttemptUsage[];
    /** Bytes of the output that are not in the store. */
    omitted: { readonly gaps: number; readonly trimmed: number };
    sizes: ReadonlyMap<string, ContainerSize>;
    verdicts: ReadonlyMap<number, Verdict>;
    sealed: readonly string[];
    commits: TaskCommits;
    usual: UsualView | null;
    terminateRequest: TaskViewFacts['terminateRequest'];
  },
): TaskViewFacts {
  const options = Object.entries(task.options).map(([name, value]) => [
    name,
    parts.sealed.includes(name) ? '[secure]' : value,
  ]);
  const { attempts, usage, sizes } = parts;
  const current = attempts.find(({ number }) => number === task.currentAttempt);
  return {
    ...summaryFacts(task, parts),
    terminateRequest: parts.terminateRequest,
    exitDetail: exitDetailBeside(task.exitDetail, storedEndOf(task)?.remedy ?? null),
    remedy: sentenceOf(storedEndOf(task)?.remedy),
    evidence: [...(storedEndOf(task)?.evidence ?? [])],
    clientJobId: submittersWord(task),
    ...parts.commits,
    ...buildFacts(task, current),
    usual: parts.usual,
    usage: withOmitted(usageView(usage), parts.omitted),
    attempts: attempts.map((attempt) => attemptViewOf(attempt, { usage, sizes, verdicts: parts.verdicts })),
    options: Object.fromEntries(options) as TaskViewFacts['options'],
  };
}

/**
 * Output that the agent could not send shows as gaps, except at the end of a stream. Only the store knows the bytes
 * that it has trimmed.
 */
function withOmitted(usage: UsageView | null, { gaps, trimmed }: { gaps: number; trimmed: number }): UsageView | null {
  return usage && { ...usage, outputOmittedBytes: trimmed + Math.max(gaps, usage.outputOmittedBytes ?? 0) };
}

/**
 * Two submitters may use the same id for different jobs, so the row holds submitter and id. People see their id only.
 */
export function jobIdOf(createdBy: string, clientJobId: string): string {
  return `${createdBy}/${clientJobId}`;
}

function submittersWord({ createdBy, clientJobId }: Pick<TaskRow, 'createdBy' | 'clientJobId'>): string | null {
  const prefix = jobIdOf(createdBy ?? '', '');
  return clientJobId?.startsWith(prefix) ? clientJobId.slice(prefix.length) : clientJobId;
}

export interface AttemptParts {
  /** Usage of all attempts of the task. */
  readonly usage: readonly AttemptUsage[];
  /** Sizes of the task definitions, by their ARN. */
  readonly sizes: ReadonlyMap<string, ContainerSize>;
  /** What the witnesses prove of each container, by the number of its attempt. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
}

export function attemptViewOf(attempt: AttemptRow, { usage, sizes, verdicts }: AttemptParts): TaskAttemptView {
  const { host, port } = attempt.address ?? {};
  const size = sizes.get(attempt.taskDefinition ?? '');
  const seen = attempt.ecsWitness?.look.kind === 'seen' ? attempt.ecsWitness.look : null;
  // A launch may override what its definition says, so what ECS reports comes first.
  const memoryBytes = seen?.memoryLimitBytes ?? size?.memoryBytes ?? null;
  const limits = {
    timeSeconds: attempt.limits?.timeSeconds ?? null,
    diskBytes: attempt.limits?.diskBytes ?? null,
    memoryBytes,
    processors: seen?.processors ?? size?.processors ?? null,
  };
  return {
    number: attempt.number,
    uuid: attempt.uuid,
    state: attempt.state,
    cluster: attempt.cluster,
    clusterReason: attempt.clusterReason,
    legacy: attempt.signalSecretHash === null ? null : { lacks: [...LEGACY_LACKS] },
    taskArn: attempt.arn,
    address: typeof host === 'string' && typeof port === 'number' ? `${host}:${port}` : null,
    createdAt: attempt.createdAt.toISOString(),
    readyAt: iso(attempt.readyAt),
    endedAt: iso(attempt.resolvedAt),
    ...(attempt.endCause ? endView(attempt.endCause) : { ...NO_END, cause: knownCause(attempt.cause) }),
    stopFailure: attempt.ecsWitness?.stopFailure ?? null,
    limits: attempt.limits || size || memoryBytes !== null ? limits : null,
    verdict: verdicts.get(attempt.number) ?? null,
    usage: usageView(usage.filter((one) => one.attempt === attempt.number)),
  };
}

const NO_END = { fault: null, sentence: null, remedy: null, evidence: [] };

function endView({ cause, fault, sentence, remedy, evidence }: EndCause): Omit<EndCause, 'retry' | 'evidence'> & {
  evidence: string[];
} {
  return { cause, fault, sentence: `${sentence}.`, remedy: sentenceOf(remedy), evidence: [...evidence] };
}

/** Returns the cause; null for the word with which nodes mark every attempt whose container is gone, because it explains nothing. */
function knownCause(cause: string | null): string | null {
  return cause === 'stopped' ? null : cause;
}

function faultOf(task: Pick<TaskRow, 'endCause' | 'cause' | 'exitStatus'>): Fault | null {
  return faultOfExit(exitStatusOf(task.exitStatus), storedEndOf(task)?.fault ?? null);
}

function sentenceOf(text: string | null | undefined): string | null {
  return text ? `${text}.` : null;
}

/** Sums all attempts: times and bytes add up, peaks are the highest. A value that is unknown everywhere stays null. */
function usageView(attempts: readonly AttemptUsage[]): UsageView | null {
  const known = attempts.flatMap(({ usage }) => {
    const parsed = Usage.safeParse(usage);
    return parsed.success ? [parsed.data] : [];
  });
  if (known.length === 0) return null;
  const sum = (pick: (usage: Usage) => number | null): number | null => combine(known.map(pick), (a, b) => a + b);
  const peak = (pick: (usage: Usage) => number | null): number | null => combine(known.map(pick), Math.max);
  return {
    wallSeconds: sum((usage) => usage.wallSeconds),
    cpuSeconds: sum((usage) => usage.cpuSeconds),
    memoryPeakBytes: peak((usage) => usage.memoryPeakBytes),
    diskWorkloadBytes: peak((usage) => usage.disk.workloadBytes),
    diskPeakBytes: peak((usage) => usage.disk.peakBytes),
    outputBytes: sum((usage) => usage.output.bytes),
    outputOmittedBytes: sum((usage) => usage.output.omitted),
  };
}

function combine(values: readonly (number | null)[], how: (a: number, b: number) => number): number | null {
  const known = values.filter((value) => value !== null);
  // Not `reduce(how)`: Math.max would also get the index and the array, and return NaN.
  return known.length === 0 ? null : known.reduce((a, b) => how(a, b));
}
