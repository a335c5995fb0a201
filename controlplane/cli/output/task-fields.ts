import { formatBytes, formatGigabytes, formatSeconds } from '../../../shared/model/units.ts';
import { PROCESS_RUNNING } from '../../containers/wait-reason.ts';
import type { QueueView } from '../../api/queue/queue-views.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { BuildStepView } from '../../api/tasks/build/build-views.ts';
import type { LimitsView, TaskAttemptView } from '../../api/tasks/attempt-views.ts';
import { buildSourceText } from './build-source-text.ts';
import { progressText } from './progress-text.ts';
import { lossText, remedyText, usageText, wordsFor } from './task-end-sentence.ts';
import { oneLine } from './text.ts';

/** A label and its lines. */
export type Field = readonly [label: string, lines: readonly string[]];

/** Words for the fault of a task's end, the same as in the dashboard. */
export const FAULT_WORDS: Readonly<Record<NonNullable<TaskView['fault']>, string>> = {
  user: 'the build',
  system: 'Wip, or what it runs on',
  configuration: 'the configuration',
  capacity: 'no capacity',
  spot: 'Spot machine taken back',
};

export interface KnownTask {
  readonly task: TaskView;
  /** Null: the task does not wait in a queue. */
  readonly queue: QueueView | null;
}

/** Returns the fields that people want to know of a task, the most important first. Unknown fields are left out. */
export function taskFields({ task, queue }: KnownTask, now: Date): Field[] {
  const isOver = task.status === 'COMPLETE';
  const fields: Field[] = [
    ['Status', [`${task.status}${isOver ? ` (it ${wordsFor(task.exitStatus)})` : ''}`]],
    ['Why', [oneLine(task.why)]],
    ['Now', isOver ? [] : [progressText(task, now)]],
    ...waitingFields(task.waiting),
    ['Queue', known(queue && positionText(queue))],
    ['Starts', known(queue && startText(queue, now))],
    ['Failed at', known(failureText(task))],
    ['Cause', known(causeText(task))],
    ['Remedy', known(remedyText(task))],
    ['Evidence', task.evidence.map(oneLine)],
    ['Build', known(task.source && buildSourceText(task.source))],
    ['Steps', task.steps.map((step) => stepLine(step, now))],
    ['State', known(task.state)],
    ['Kind', [`${task.kind} in the group ${oneLine(task.group)}, ${rankText(task)}`]],
    ['Created', [`${task.createdAt}${task.createdBy === null ? '' : ` by ${oneLine(task.createdBy)}`}`]],
    ['Started', known(task.startedAt)],
    ['Terminated', known(task.terminateRequest && terminateText(task.terminateRequest))],
    ['Ended', known(endedText(task))],
    ['Usual', known(usualText(task))],
    ['Built', known(task.builtCommit && `commit ${task.builtCommit}`)],
    ['Artefact', known(task.artefactCommit && `commit ${task.artefactCommit}`)],
    ['Used', known(task.usage && usageText(task.usage))],
    ['Output', known(task.usage && lossText(task.usage))],
    ...task.attempts.map((attempt): Field => [`Container ${attempt.number}`, attemptLines(attempt)]),
    ['Options', Object.entries(task.options).map(([key, value]) => `${oneLine(key)} = ${oneLine(optionText(value))}`)],
    ['uuid', [task.uuid]],
  ];
  return fields.filter(([, lines]) => lines.length > 0);
}

function known(text: string | null): string[] {
  return text === null ? [] : [text];
}

/** Returns the details of a wait that people can do something about, besides its sentence. */
function waitingFields(waiting: TaskView['waiting']): Field[] {
  // People can do nothing about the wait of a running build.
  if (!waiting || waiting.code === PROCESS_RUNNING) return [];
  const { since, last, count, until, remedy, evidence } = waiting;
  const tried = count === null || count < 2 ? '' : `, tried ${count} times, last at ${last ?? 'an unknown time'}`;
  return [
    ['Waits since', known(since && `${since}${tried}`)],
    ['Gives up', known(until)],
    ['To do', known(remedy && oneLine(remedy))],
    ['Evidence', evidence.map(oneLine)],
  ];
}

function positionText({ position, of }: QueueView): string | null {
  if (position === null) return null;
  return `number ${position}${of === null ? '' : ` of ${of}`} in its group`;
}

/** An expected time in the past is shown too: it means that the task is later than usual for its group. */
function startText({ expectedStartAt, usualSeconds }: QueueView, now: Date): string | null {
  if (expectedStartAt === null) return null;
  const seconds = (Date.parse(expectedStartAt) - now.getTime()) / 1000;
  const when = seconds <= 0 ? 'any moment' : `in about ${formatSeconds(seconds)}`;
  const basis = usualSeconds === null ? '' : `, if tasks of its group take their usual ${formatSeconds(usualSeconds)}`;
  return `${when} (${expectedStartAt})${basis}`;
}

/** Prints a failed step like `step 2 of 4 "test", line 16, exit code 3: exit 3`. */
function failureText({ failedStep: step, steps }: TaskView): string | null {
  if (!step) return null;
  const { outcome } = steps.find(({ event, number }) => event === step.event && number === step.number) ?? {};
  const of = step.of === null ? '' : ` of ${step.of}`;
  const line = step.line === null ? '' : `, line ${step.line}`;
  const exit =
    step.exitCode === null ? (outcome === 'lost' ? ', which did not end' : '') : `, exit code ${step.exitCode}`;
  const command = step.command === null ? '' : `: ${oneLine(step.command)}`;
  return `step ${step.number}${of} "${oneLine(step.name)}"${line}${exit}${command}`;
}

function stepLine(step: BuildStepView, now: Date): string {
  return `${step.event === 'build' ? '' : `${step.event} `}${step.number} ${oneLine(step.name)}: ${stepEndText(step, now)}`;
}

function stepEndText({ startedAt, endedAt, exitCode, outcome }: BuildStepView, now: Date): string {
  const seconds = (Date.parse(endedAt ?? now.toISOString()) - Date.parse(startedAt)) / 1000;
  const time = formatSeconds(Math.max(0, seconds));
  if (outcome === 'lost') return 'did not end';
  if (endedAt === null) return `running for ${time}`;
  return exitCode || outcome === 'failed' ? `failed after ${time}` : time;
}

function rankText({ priority, isPrioritised }: TaskView): string {
  return `priority ${priority}${isPrioritised ? ', before all others' : ''}`;
}

function terminateText({ at, by }: NonNullable<TaskView['terminateRequest']>): string {
  return `asked for at ${at}${by === null ? '' : ` by ${oneLine(by)}`}`;
}

function endedText(task: TaskView): string | null {
  if (!task.completedAt) return null;
  if (!task.startedAt) return task.completedAt;
  const seconds = (Date.parse(task.completedAt) - Date.parse(task.startedAt)) / 1000;
  return `${task.completedAt}, ${formatSeconds(Math.max(0, seconds))} after its start`;
}

function usualText({ usual }: TaskView): string | null {
  if (!usual?.total) return null;
  const { medianSeconds, p95Seconds } = usual.total;
  return `${formatSeconds(medianSeconds)} (95 of 100 within ${formatSeconds(p95Seconds)}), of ${usual.samples} alike`;
}

function attemptLines(attempt: TaskAttemptView): string[] {
  const { state, address, cluster, taskArn, cause, sentence, remedy, evidence, limits, usage, verdict, legacy } =
    attempt;
  const { stopFailure } = attempt;
  const isProven = verdict !== null && cause === null;
  return [
    cause === null ? state : `${state}, cause ${cause}`,
    ...known(isProven ? `its witnesses say ${verdict.replace('_', ' ')}` : null),
    ...known(
      stopFailure && `ECS has not accepted its stop since ${stopFailure.since}: ${oneLine(stopFailure.sentence)}`,
    ),
    ...known(sentence && oneLine(sentence)),
    ...known(cluster && `in the cluster ${oneLine(cluster)}${address === null ? '' : `, SSH at ${address}`}`),
    ...known(taskArn),
    ...known(limits && limitsText(limits)),
    ...known(usage && `used ${usageText(usage)}`),
    ...known(remedy && oneLine(remedy)),
    ...evidence.map(oneLine),
    ...(legacy ? ['its image has no agent, so:', ...legacy.lacks.map((lack) => `- ${oneLine(lack)}`)] : []),
  ];
}

function limitsText({ timeSeconds, diskBytes, memoryBytes, processors }: LimitsView): string | null {
  const parts = [
    timeSeconds === null ? null : formatSeconds(timeSeconds),
    diskBytes === null ? null : `${formatGigabytes(diskBytes)} of disk`,
    memoryBytes === null ? null : `${formatBytes(memoryBytes)} of memory`,
    processors === null ? null : `${processors} ${processors === 1 ? 'processor' : 'processors'}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : `limited to ${parts.join(', ')}`;
}

function causeText({ cause, fault }: TaskView): string | null {
  return cause === null || fault === null ? cause : `${cause}, fault: ${FAULT_WORDS[fault]}`;
}

function optionText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
