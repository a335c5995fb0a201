import type { StepRow } from '../../controlplane/store/tasks/read-recording.ts';
import type { AttemptRow } from '../../controlplane/store/schema.ts';
import { CLASS_ID, type Signal } from '../../shared/protocol/signals.ts';

/** Data that the database keeps of one build that has ended. All instants are from the clock of one machine. */
export interface RecordedBuild {
  readonly postedAt: Date;
  readonly createdAt: Date;
  readonly startedAt: Date;
  readonly completedAt: Date;
  readonly attempt: AttemptRow;
  readonly steps: readonly StepRow[];
  readonly signals: readonly { readonly body: Signal; readonly receivedAt: Date }[];
  /** Ids of processes, by the state that started them. */
  readonly processes: ReadonlyMap<string, string>;
  /** The steps of the build file, as the build tool recorded them. */
  readonly buildSteps: readonly { readonly startedAt: string; readonly endedAt: string | null }[];
}

/** A part of the time of a build. Parts with `isDetail` are within a part before them. */
export interface TimedPart {
  readonly name: string;
  readonly ms: number;
  readonly isDetail: boolean;
}

type Instant = readonly [name: string, atMs: number];

/** Divides the time from the request to the end of the task into parts. Those that are no detail add up to the whole. */
export function timelineOf(build: RecordedBuild): TimedPart[] {
  const { attempt } = build;
  const ready = build.signals.find(({ body }) => body.classId === CLASS_ID.ready)?.body;
  const verifiedMs = msOf(attempt.sshVerifiedAt);
  const instants: Instant[] = [
    ['submit', msOf(build.createdAt)],
    ['queue', msOf(build.startedAt)],
    ['launch (RunTask)', msOf(attempt.launchedAt)],
    ['start of the container', ready?.classId === CLASS_ID.ready ? ready.startTime * 1_000 : NaN],
    ['start of the agent → enrolled', msOf(attempt.enrolledAt)],
    ['enrolled → ready', msOf(attempt.readyAt)],
    ['ready → proven over SSH', verifiedMs],
    ...stepsAfter(build, verifiedMs),
  ];
  const parts = partsOf(msOf(build.postedAt), instants).map((part) => ({ ...part, isDetail: false }));
  return parts.flatMap((part) => [part, ...detailsOf(build, part.name)]);
}

/** Returns milliseconds from the ready signal to the end of the task. */
export function afterReadyMs({ attempt, completedAt }: RecordedBuild): number {
  return msOf(completedAt) - msOf(attempt.readyAt);
}

/** Returns each step of the task with the time at which the next one began. */
function stepsAfter({ steps, completedAt }: RecordedBuild, afterMs: number): Instant[] {
  return steps.flatMap(({ fromState, state, executed }, index): Instant[] => {
    const endedMs = steps[index + 1]?.startedAt.getTime() ?? completedAt.getTime();
    if (endedMs <= afterMs) return [];
    return [[executed ? `→ ${state}` : waitOf(fromState ?? state), endedMs]];
  });
}

function waitOf(state: string): string {
  return `   ${state} waits`;
}

function partsOf(beganMs: number, instants: readonly Instant[]): { name: string; ms: number }[] {
  return instants.map(([name, atMs], index) => ({ name, ms: atMs - (instants[index - 1]?.[1] ?? beganMs) }));
}

/** Divides the wait for a process, and that for the exit signal. */
function detailsOf(build: RecordedBuild, part: string): TimedPart[] {
  const state = [...build.processes.keys()].find((name) => waitOf(name) === part);
  const details = state === undefined ? releaseDetails(build, part) : processDetails(build, state);
  return details.map(({ name, ms }) => ({ name: `      ${state ?? 'release'}: ${name}`, ms, isDetail: true }));
}

function processDetails({ signals, processes, buildSteps }: RecordedBuild, state: string): ReturnType<typeof partsOf> {
  const ended = signals.flatMap(({ body, receivedAt }) =>
    body.classId === CLASS_ID.processComplete && body.processId === processes.get(state) ? [{ body, receivedAt }] : [],
  )[0];
  if (!ended) return [];
  const steps = state === 'executeBuildScript' ? buildSteps : [];
  const [first, last] = [steps[0], steps.at(-1)];
  return partsOf(ended.body.startTime * 1_000, [
    ...(first ? [['start of the build tool', Date.parse(first.startedAt)] as const] : []),
    ...(last?.endedAt ? [['steps of the build file', Date.parse(last.endedAt)] as const] : []),
    [first ? 'end of the build tool' : 'process', ended.body.result.endTime * 1_000],
    ['its end is told', ended.receivedAt.getTime()],
  ]);
}

function releaseDetails({ attempt, signals }: RecordedBuild, part: string): ReturnType<typeof partsOf> {
  const exit = signals.find(({ body }) => body.classId === CLASS_ID.exit);
  if (!exit || part !== waitOf('containerWipWaitForRelease')) return [];
  return partsOf(msOf(attempt.releasedAt), [['asked to stop → exit signal', exit.receivedAt.getTime()]]);
}

function msOf(instant: Date | null): number {
  return instant?.getTime() ?? NaN;
}
