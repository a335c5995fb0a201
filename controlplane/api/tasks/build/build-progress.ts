import { z } from 'zod';
import type { TaskStatus } from '../../../../shared/model/status.ts';
import type { ReceivedStepHeader } from '../../../../shared/protocol/step-header.ts';
import { NotedStep } from '../../../tasks/build/build-memory.ts';
import type { StateBlockName } from '../../../tasks/checks/state-blocks.ts';
import type { PhaseName } from '../task-views.ts';
import type { BuildStepView, FailedStepView, RunningStepView } from './build-views.ts';

/** A step as read from the record of the build tool, or from the headers in the output. */
export type KnownStep = Omit<BuildStepView, 'outcome'>;

/** The event whose steps run after a step has failed. */
export const AFTER_FAILURE = 'fail-on-build';

interface PhaseFacts {
  readonly status: TaskStatus;
  readonly state: string | null;
  readonly isTerminating: boolean;
}

/** Decides the phase of a task. `blocks` has the states of its kind; undefined: this node does not have the kind. */
export function decidePhase(
  { status, state, isTerminating }: PhaseFacts,
  blocks: ReadonlyMap<string, StateBlockName> | undefined,
): PhaseName {
  if (status === 'COMPLETE') return 'ended';
  if (status === 'NOT_READY' || status === 'NOT_STARTED' || status === 'RESTARTED') return 'queued';
  if (isTerminating) return 'ending';
  const block = state === null ? 'start' : blocks?.get(state);
  if (block === 'start') return 'starting';
  return block === 'stop' ? 'ending' : 'running';
}

export function runningStep(header: ReceivedStepHeader | null): RunningStepView | null {
  return header && { number: header.number, of: header.of, name: header.name, since: header.at };
}

/**
 * Returns the steps of a build: from the record of the build tool as soon as it is noted, until then from the headers in the
 * output. A step ends where the next begins, and the last one when the build does, which `endedAt` says.
 */
export function buildSteps(
  noted: unknown,
  headers: readonly ReceivedStepHeader[],
  endedAt: string | null,
): KnownStep[] {
  const steps = parseNoted(noted);
  if (!steps) {
    return headers.map(({ at, ...header }, index) => ({
      ...header,
      line: null,
      command: null,
      startedAt: at,
      endedAt: headers[index + 1]?.at ?? endedAt,
      exitCode: null,
    }));
  }
  return steps.map((step) => ({
    event: step.event,
    number: numberWithinEvent(steps, step),
    of: headers.find(({ event }) => event === step.event)?.of ?? null,
    name: step.name,
    line: step.line,
    command: step.command,
    startedAt: step.startedAt,
    endedAt: step.endedAt ?? endedAt,
    exitCode: step.exitCode,
    offset: step.offset,
  }));
}

/**
 * Returns the step at which a build failed. `isFailed`: the task failed, and nobody terminated it. Without a record that is the
 * step that was under way then; steps of fail-on-build run after it.
 */
export function failedStep(noted: unknown, steps: readonly KnownStep[], isFailed: boolean): FailedStepView | null {
  if (!isFailed) return null;
  const known = parseNoted(noted);
  const own = steps.filter(({ event }) => event !== AFTER_FAILURE);
  const failed = known ? own.find(({ exitCode, endedAt }) => exitCode !== 0 && endedAt !== null) : own.at(-1);
  if (!failed) return null;
  const { event, number, of, name, line, command, exitCode, offset } = failed;
  const sentence = known?.find((step) => step.offset === offset && step.event === event)?.sentence ?? null;
  return { event, number, of, name, line, command, exitCode, offset, sentence };
}

/** Whether the record of the build tool was read. */
export function isRecorded(noted: unknown): boolean {
  return parseNoted(noted) !== null;
}

function parseNoted(noted: unknown): NotedStep[] | null {
  const parsed = z.array(NotedStep).safeParse(noted);
  return parsed.success ? parsed.data : null;
}

function numberWithinEvent(steps: readonly NotedStep[], step: NotedStep): number {
  return steps.filter(({ event }) => event === step.event).indexOf(step) + 1;
}
