import { Counter, Histogram, type Registry } from 'prom-client';
import type { LaunchOutcome } from '../../containers/container.ts';
import { decideLaunchPhases, type LaunchInstants } from '../../containers/launch-phases.ts';
import type { AgentCallOutcome, EngineObserver } from '../../engine/engine-observer.ts';
import type { TryDecision } from '../../outbox/decide-try.ts';
import { createOutcomeCounter } from './outcome-counter.ts';

// From a step that waits for nothing outside, a few milliseconds, to the longest time of a method, 30 s (method_seconds).
const STEP_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];
// A notified node claims within milliseconds; without the notification it looks every second; a lease lasts 30 s.
const WAKE_BUCKETS_SECONDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60];
// From an immediate start to a night during which a group was full.
const QUEUE_BUCKETS_SECONDS = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800, 36_000];
// From a process of local ECS to start_seconds, after which a launch counts as failed (900 unless set otherwise).
const LAUNCH_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900];

/** Counts what this node's engine does. `onWoken` is called with the seconds that each woken task has waited for its claim. */
export function createEngineMetrics(registry: Registry, onWoken: (seconds: number) => void): EngineObserver {
  return { ...stepMetrics(registry), ...taskMetrics(registry, onWoken), ...launchMetrics(registry) };
}

function stepMetrics(registry: Registry): Pick<EngineObserver, 'stepBegan' | 'stepEnded' | 'saved'> {
  const registers = [registry];
  const saves = new Counter({
    name: 'wip_saves_total',
    help: 'Results of steps written to the database, those that were fenced included',
    labelNames: ['kind'],
    registers,
  });
  const steps = new Counter({ name: 'wip_steps_total', help: 'Steps started on this node', registers });
  const seconds = new Histogram({
    name: 'wip_step_seconds',
    help: 'Time from the begin of a step to its last save, by kind of task',
    labelNames: ['kind'],
    buckets: STEP_BUCKETS_SECONDS,
    registers,
  });
  return {
    stepBegan: () => steps.inc(),
    stepEnded: ({ kind, tookMs }) => seconds.observe({ kind }, tookMs / 1_000),
    saved: (kind) => saves.inc({ kind }),
  };
}

function taskMetrics(
  registry: Registry,
  onWoken: (seconds: number) => void,
): Pick<EngineObserver, 'claimed' | 'taskEnded' | 'requestTried'> {
  const registers = [registry];
  const claims = new Counter({ name: 'wip_claims_total', help: 'Tasks claimed by this node', registers });
  const takeovers = new Counter({
    name: 'wip_lease_takeovers_total',
    help: 'Tasks claimed by this node because their lease had ended',
    registers,
  });
  const queued = new Histogram({
    name: 'wip_queue_wait_seconds',
    help: 'Time that tasks started by this node were queued',
    labelNames: ['group'],
    buckets: QUEUE_BUCKETS_SECONDS,
    registers,
  });
  const woken = new Histogram({
    name: 'wip_wake_latency_seconds',
    help: 'Time from the moment a waiting task was due, or was woken, to its claim by this node; a pause counts',
    buckets: WAKE_BUCKETS_SECONDS,
    registers,
  });
  const ends = new Counter({
    name: 'wip_task_ends_total',
    help: 'Tasks ended by this node',
    labelNames: ['group', 'exit_status', 'cause', 'fault'],
    registers,
  });
  const requestTried = createOutcomeCounter<TryDecision['kind']>(registry, {
    name: 'wip_outbox_tries_total',
    help: 'Tries of requests to other services, by what follows',
    outcomes: { answered: true, refused: true, unknown: true, again: true },
  });
  return {
    claimed({ group, isTakeover, queuedSeconds, wakeSeconds }) {
      claims.inc();
      if (isTakeover) takeovers.inc();
      if (queuedSeconds !== null) queued.observe({ group }, queuedSeconds);
      if (wakeSeconds === null) return;
      woken.observe(wakeSeconds);
      onWoken(wakeSeconds);
    },
    taskEnded: ({ group, exitStatus, cause, fault }) =>
      ends.inc({ group, exit_status: exitStatus, cause: cause ?? 'none', fault: fault ?? 'none' }),
    requestTried,
  };
}

function launchMetrics(
  registry: Registry,
): Pick<EngineObserver, 'launchAnswered' | 'containerVerified' | 'agentCalled'> {
  const registers = [registry];
  const launchAnswered = createOutcomeCounter<LaunchOutcome['kind']>(registry, {
    name: 'wip_launches_total',
    help: 'Launches of containers, by the answer of ECS',
    outcomes: { launched: true, no_resources: true, refused: true, no_information: true },
  });
  const phases = new Histogram({
    name: 'wip_launch_phase_seconds',
    help: 'Phases of launches, counted when the container is proven over SSH',
    labelNames: ['phase'],
    buckets: LAUNCH_BUCKETS_SECONDS,
    registers,
  });
  const ready = new Histogram({
    name: 'wip_agent_ready_seconds',
    help: 'Time from RUNNING, as ECS says it, to the agent that says ready',
    buckets: LAUNCH_BUCKETS_SECONDS,
    registers,
  });
  const agentCalled = createOutcomeCounter<AgentCallOutcome>(registry, {
    name: 'wip_ssh_conversations_total',
    help: 'Conversations with agents over SSH, by their outcome: answered, agent-refused, or the class of the failure',
    outcomes: {
      answered: true,
      'agent-refused': true,
      refused: true,
      timeout: true,
      'key-exchange': true,
      auth: true,
      'host-key': true,
      channel: true,
    },
  });
  const observeReady = ({ runningAt, readyAt }: LaunchInstants): void => {
    if (runningAt === null || readyAt === null) return;
    // The clock of ECS may be ahead of the database's by some milliseconds.
    ready.observe(Math.max(0, Date.parse(readyAt) - Date.parse(runningAt)) / 1_000);
  };
  return {
    launchAnswered,
    containerVerified(launch) {
      for (const [phase, seconds] of Object.entries(decideLaunchPhases(launch))) phases.observe({ phase }, seconds);
      observeReady(launch);
    },
    agentCalled,
  };
}
