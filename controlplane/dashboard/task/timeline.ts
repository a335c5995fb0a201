import type { AttemptDetail } from '../../api/tasks/task-detail-views.ts';
import type { StepView } from '../../api/tasks/recording/task-recording-views.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';

/** A part of a task's life. Seconds count from when the task was added. */
export interface Phase {
  readonly name: string;
  readonly isPart: boolean;
  readonly fromSeconds: number | null;
  readonly tookSeconds: number | null;
  /** The median of tasks like it. */
  readonly usualSeconds: number | null;
  /** 95 % of them took less. */
  readonly p95Seconds: number | null;
  /** Whether the step was under way when the build was ended from outside. */
  readonly isLost: boolean;
  readonly tone: 'idle' | 'run' | 'bad' | 'plain' | 'future';
}

const START_STATES = /^(start|containerWip(Start|Invoke|ContainerLaunched|SetupEnvironment|CheckSsh|CheckResources))$/;
const STOP_STATES =
  /^(containerWip(Stop|Finish|Release|Terminate|WaitForRelease)|containerStopped|containerStopFailed|containerTerminated|finish|failure|systemFailure|terminate)$/;

export interface TimelineFacts {
  readonly task: TaskView;
  readonly attempt: AttemptDetail | undefined;
  readonly steps: readonly StepView[];
  readonly nowMs: number;
}

/** The phases of a task, each part of one after it. What has not begun has no beginning. */
export function phasesOf({ task, attempt, steps, nowMs }: TimelineFacts): Phase[] {
  const zero = Date.parse(task.createdAt);
  const end = ms(task.completedAt);
  const started = ms(task.startedAt);
  const runs = steps.filter(({ at }) => started === null || Date.parse(at) >= started - 1000);
  const working = firstEntry(runs, (state) => !START_STATES.test(state) && !STOP_STATES.test(state));
  const stopping = firstEntry(runs, (state) => STOP_STATES.test(state));
  const span = (name: string, from: number | null, to: number | null, more: Partial<Phase> = {}): Phase => {
    // A container is seen to stop later than its task ends, and has a clock of its own. No part goes beyond the whole.
    const until = Math.min(to ?? Infinity, end ?? nowMs);
    return {
      name,
      isPart: false,
      fromSeconds: from === null ? null : Math.max(0, (from - zero) / 1000),
      tookSeconds: from === null ? null : Math.max(0, (until - from) / 1000),
      usualSeconds: null,
      p95Seconds: null,
      isLost: false,
      tone: from === null ? 'future' : to === null && end === null ? 'run' : 'plain',
      ...more,
    };
  };
  const isFailed = task.exitStatus === 'ERROR_USER' || task.exitStatus === 'ERROR_SYSTEM';
  const failedIn = working === null ? 'start' : 'work';
  const bad = (where: string): Partial<Phase> =>
    isFailed && end !== null && failedIn === where ? { tone: 'bad' } : {};
  const usual = (phase: 'queued' | 'starting' | 'running' | 'ending'): Partial<Phase> => ({
    usualSeconds: task.usual?.[phase]?.medianSeconds ?? null,
    p95Seconds: task.usual?.[phase]?.p95Seconds ?? null,
  });
  return [
    span('Queue', zero, started, { ...usual('queued'), tone: 'idle' }),
    span('Start', started, working ?? stopping, { ...usual('starting'), ...bad('start') }),
    ...startParts(attempt, span),
    span('Work', working, stopping, { ...usual('running'), ...bad('work') }),
    ...task.steps.map(({ event, number, name, startedAt, endedAt, outcome }) =>
      span(
        event === 'build' ? `${number} ${name}` : `${event}: ${name}`,
        ms(startedAt),
        earliest(ms(endedAt), stopping),
        {
          isPart: true,
          isLost: outcome === 'lost',
          ...((outcome === 'failed' || (outcome === 'lost' && isFailed)) && { tone: 'bad' }),
        },
      ),
    ),
    span('Stop', stopping, end, usual('ending')),
  ];
}

type Span = (name: string, from: number | null, to: number | null, more?: Partial<Phase>) => Phase;

function startParts(attempt: AttemptDetail | undefined, span: Span): Phase[] {
  if (!attempt) return [];
  const launched = ms(attempt.launchedAt);
  const running = ms(attempt.runningAt);
  const ready = ms(attempt.readyAt);
  const proved = ms(attempt.sshVerifiedAt);
  const ended = ms(attempt.endedAt);
  const part = (name: string, from: number | null, to: number | null): Phase =>
    span(name, from, to ?? ended, { isPart: true });
  return [
    part('Provision, pull image', launched, running),
    part('Agent starts', running, ready),
    part('SSH proved', ready, proved),
  ].filter(({ fromSeconds }) => fromSeconds !== null);
}

function earliest(...instants: readonly (number | null)[]): number | null {
  const known = instants.filter((instant) => instant !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function firstEntry(steps: readonly StepView[], isWanted: (state: string) => boolean): number | null {
  const step = steps.find(({ to }) => isWanted(to));
  return step ? Date.parse(step.at) : null;
}

function ms(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant);
}

/** Round distances of lines on the axis, at most eight of them. */
export function axisStep(totalSeconds: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
  return steps.find((step) => totalSeconds / step <= 8) ?? Math.ceil(totalSeconds / 8);
}
