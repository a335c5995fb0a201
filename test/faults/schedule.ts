import type { EcsFault } from '../../controlplane/localecs/faults/faults.ts';
import { CLUSTER_DICE, planClusterEvents, type ClusterChange } from './cluster-events.ts';
import { diceOf, type Dice } from './dice.ts';
import { CALM, type Weather } from './front-door.ts';

// Seconds are hurried ones. A schedule fixes the actions and their times; the machine decides how the processes
// interleave.

interface PlannedTask {
  readonly afterSeconds: number;
  readonly kind: 'BuildSteps' | 'Walker' | 'Collector' | 'Reporter' | 'Parent';
  readonly options: Readonly<Record<string, unknown>>;
}

export type PlannedEvent = { readonly afterSeconds: number } &
  /** `whenUp`: a node that is not up yet is waited for; else one that is not there is not killed. */
  (
    | { readonly kind: 'kill-node'; readonly node: number; readonly whenUp?: boolean }
    /** SIGSTOP, and SIGCONT when other nodes have long taken over. */
    | { readonly kind: 'freeze-node'; readonly node: number; readonly seconds: number }
    /** SIGTERM, as in a rolling restart. */
    | { readonly kind: 'restart-node'; readonly node: number }
    | { readonly kind: 'ecs'; readonly fault: FaultInput }
    | { readonly kind: 'crash-container' | 'interrupt-container'; readonly pick: number }
    | { readonly kind: 'terminate' | 'restart' | 'pause'; readonly task: number }
    | ClusterChange
  );
type FaultInput = Partial<EcsFault> & Pick<EcsFault, 'kind'>;

export interface Schedule {
  readonly seed: number;
  readonly nodes: number;
  readonly tasks: readonly PlannedTask[];
  readonly events: readonly PlannedEvent[];
  /** One for the first incarnation of each node. */
  readonly failpoints: readonly ({ readonly failpoint: string; readonly visit: number } | null)[];
  readonly weather: Weather;
  /** The build script: its duration and its exit code. */
  readonly build: { readonly seconds: number; readonly exitCode: number };
  readonly maxRunning: number;
  /** Longer than any sequence of waits that the faults can cause. A task that has not ended by then is lost. */
  readonly boundSeconds: number;
}

/** A schedule without faults, on one node. */
export const PLAIN: Schedule = {
  seed: 0,
  nodes: 1,
  tasks: [],
  events: [],
  failpoints: [],
  weather: CALM,
  build: { seconds: 1, exitCode: 0 },
  maxRunning: 50,
  boundSeconds: 3_600,
};

/** Points at which a node can be killed. A test compares them with the product's own. */
export const FAILPOINTS = [
  'after-claim',
  'after-begin',
  'before-save-entering',
  'after-save-entering',
  'before-save-wait',
  'after-save-wait',
  'before-save-wait-on',
  'after-save-wait-on',
  'before-save-yield',
  'after-save-yield',
  'before-save-complete',
  'after-save-complete',
  'after-complete',
  'after-state',
  'before-launch-intent',
  'after-launch-intent',
  'before-launch-settled',
  'after-launch-settled',
  'before-process-intent',
  'after-process-intent',
  'after-process-started',
  'before-agent-call',
  'after-agent-call',
  'before-child-added',
  'after-child-added',
  'before-request-intent',
  'after-request-intent',
  'before-request-sent',
  'after-request-sent',
  'before-request-settled',
  'after-request-settled',
  'before-stop-task',
  'after-stop-task',
  'before-enrolment',
  'after-enrolment',
  'before-signal-recorded',
  'after-signal-recorded',
] as const;

/**
 * No schedule changes the master key. The tests of a rotation kill nodes at these points (rotate-secrets.test.ts).
 */
export const ROTATION_FAILPOINTS = ['before-key-switch', 'after-key-switch', 'before-rewrap', 'after-rewrap'] as const;

/**
 * Maximum numbers of tasks and faults. In bigger schedules more of them meet; smaller ones are many more in the same
 * time.
 */
export interface Size {
  readonly nodes: number;
  readonly tasks: readonly [from: number, to: number];
  readonly events: number;
  /** Every planned action begins within this time. */
  readonly tasksWithin: number;
  readonly eventsWithin: number;
  readonly ecsWithin: number;
  readonly buildSeconds: number;
}

export const SIZES = {
  full: { nodes: 3, tasks: [2, 5], events: 6, tasksWithin: 20, eventsWithin: 90, ecsWithin: 40, buildSeconds: 40 },
  brief: { nodes: 2, tasks: [1, 2], events: 2, tasksWithin: 3, eventsWithin: 15, ecsWithin: 10, buildSeconds: 5 },
} as const satisfies Record<string, Size>;

/** Returns a schedule. The same seed gives the same one. */
export function planSchedule(seed: number, size: Size = SIZES.full): Schedule {
  const dice = diceOf(seed);
  const nodes = dice.between(1, size.nodes);
  const tasks = Array.from({ length: dice.between(...size.tasks) }, () => planTask(dice, size));
  const isStormy = dice.chance(0.5);
  return {
    seed,
    nodes,
    tasks,
    // From dice of its own, so that the other actions of a seed stay unchanged.
    events: [
      ...planEvents(dice, size, nodes, tasks.length),
      ...planClusterEvents(diceOf(seed + CLUSTER_DICE), size.ecsWithin),
    ],
    failpoints: Array.from({ length: nodes }, () =>
      dice.chance(0.5) ? { failpoint: dice.pick(FAILPOINTS), visit: dice.between(1, 4) } : null,
    ),
    weather: {
      loseRequest: isStormy ? 0.1 : 0,
      loseAnswer: isStormy ? 0.1 : 0,
      duplicate: 0.3,
      cutUser: isStormy ? 0.1 : 0,
      maxDelayMs: 20_000,
    },
    build: { seconds: dice.between(0, size.buildSeconds), exitCode: dice.chance(0.2) ? 1 : 0 },
    maxRunning: dice.between(1, 3),
    boundSeconds: 3_600,
  };
}

function planTask(dice: Dice, size: Size): PlannedTask {
  const afterSeconds = dice.between(0, size.tasksWithin);
  const kind = dice.pick(['BuildSteps', 'BuildSteps', 'Collector', 'Walker', 'Reporter', 'Parent'] as const);
  switch (kind) {
    case 'BuildSteps':
      return {
        afterSeconds,
        kind,
        options: { vcsUri: 'file:///nowhere', vcsPath: dice.pick(['main', 'other', 'third']) },
      };
    case 'Collector':
      return { afterSeconds, kind, options: { count: dice.between(1, 8) } };
    case 'Parent':
      return { afterSeconds, kind, options: { children: dice.between(1, 4), leaves: dice.chance(0.2) } };
    case 'Reporter':
      return { afterSeconds, kind, options: { count: dice.between(1, 6) } };
    case 'Walker':
      return {
        afterSeconds,
        kind,
        options: { waits: Array.from({ length: dice.between(1, 6) }, () => dice.pick([0, 0, 1, 5, 20])) },
      };
  }
}

const EVENT_KINDS = [
  'kill-node',
  'kill-node',
  'kill-node',
  'freeze-node',
  'restart-node',
  'ecs',
  'ecs',
  'crash-container',
  'interrupt-container',
  'terminate',
  'restart',
  'pause',
] as const;

function planEvents(dice: Dice, size: Size, nodes: number, tasks: number): PlannedEvent[] {
  return Array.from({ length: dice.between(1, size.events) }, (): PlannedEvent => {
    const afterSeconds = dice.between(0, size.eventsWithin);
    const kind = dice.pick(EVENT_KINDS);
    switch (kind) {
      case 'kill-node':
      case 'restart-node':
        return { afterSeconds, kind, node: dice.between(0, nodes - 1) };
      case 'freeze-node':
        return { afterSeconds, kind, node: dice.between(0, nodes - 1), seconds: dice.between(5, 60) };
      case 'ecs':
        return { afterSeconds: dice.between(0, size.ecsWithin), kind, fault: planEcsFault(dice) };
      case 'crash-container':
      case 'interrupt-container':
        return { afterSeconds, kind, pick: dice.between(0, 7) };
      case 'terminate':
      case 'restart':
      case 'pause':
        return { afterSeconds, kind, task: dice.between(0, tasks - 1) };
    }
  });
}

function planEcsFault(dice: Dice): FaultInput {
  const action = dice.pick(['RunTask', 'RunTask', 'DescribeTasks', 'StopTask', '*']);
  return dice.pick<FaultInput>([
    { kind: 'throttle', action, times: 2 },
    { kind: 'server-error', action, times: 4 },
    { kind: 'reset-before', action, times: 1 },
    { kind: 'reset-after', action, times: 1 },
    { kind: 'reset-after', action: 'RunTask', times: 3 },
    { kind: 'expired-token', action, times: 1 },
    { kind: 'missing-window', ms: 15_000 },
    { kind: 'slow', status: 'PENDING', ms: 30_000, times: 1 },
    { kind: 'slow', status: 'DEPROVISIONING', ms: 40_000, times: 1 },
    { kind: 'start-error', reason: 'CannotPullContainerError: no route', times: 1 },
  ]);
}
