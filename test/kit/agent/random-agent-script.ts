import { seededRandom } from '../../../controlplane/statetable/seeded-random.ts';
import type { AgentScript } from '../../testkit/agent/agent-script.ts';
import type { ProcessScript } from '../../testkit/process-script.ts';
import type { ContainerEndCause, ContainerScript, TaskScript } from '../../testkit/script.ts';

// Ends of which both levels tell in the same words. Whether a process runs when an agent says its last words is chance in a
// whole system, and only there is the memory limit known by which an end for lack of memory is told.
const CAUSES: readonly ContainerEndCause[] = ['crash', 'host-lost'];
const PROCESSES: readonly ProcessScript[] = [
  { exitCode: 1, stderr: 'it went wrong' },
  { exitCode: 127 },
  { killedBy: 'SIGSEGV' },
  { outOfMemory: true },
  { runsFor: 90 },
  { stdout: 'unexpected' },
];
const CONTAINERS = 3;

/** Of the states that start processes: how their processes go when nothing goes wrong. */
export type FriendlyProcesses = Readonly<Record<string, ProcessScript>>;

/**
 * Returns a script of which simulated agents and the simulation by value can do all. What depends on real time is left out:
 * how long a task waits for a container that is never ready, or how often it asks for a signal that is lost.
 */
export function randomAgentScript(seed: number, friendly: FriendlyProcesses): AgentScript {
  const random = seededRandom(seed);
  const happens = (ratio: number): boolean => random() < ratio;
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const states = Object.keys(friendly);
  const processes: Record<string, ProcessScript> = { ...friendly };
  for (const state of states) {
    if (happens(1 / (1 + states.length))) processes[state] = { ...processes[state], ...oneOf(PROCESSES) };
  }
  const containers = Array.from({ length: CONTAINERS }, () => ({
    readyAfter: oneOf([1, 5, 20]),
    ...(happens(0.2) && { readyTimes: 2 }),
    ...(happens(0.2) && { sshRefusals: oneOf([1, 3]) }),
    ...(happens(0.2) && { shutdown: oneOf(['ignores', 'refuses'] as const) }),
    ...(happens(0.2) && { diskGb: 3, memoryMb: 700 }),
    ...(happens(0.2) && { clockSkew: oneOf([-60, 60]) }),
  }));
  const signals = (['ready', 'output', 'exit', 'processComplete'] as const)
    .filter(() => happens(0.15))
    .map((signal) => ({ signal, ...oneOf([{ doubled: true }, { late: 3 }]) }));
  if (!happens(0.5)) return { containers, processes, signals };
  const at = oneOf(states);
  // It ends while the process of the state runs, at both levels.
  const endless = { ...friendly[at], runsFor: 'forever' as const };
  return {
    containers: containers.map((container): ContainerScript => ({ ...container, end: { at, cause: oneOf(CAUSES) } })),
    processes: { ...processes, [at]: endless },
    signals,
  };
}

/** Returns the script for the simulation by value. With real agents, the method of the state has run when a container ends. */
export function byValue({ containers = [], signals = [], takeovers: _takeovers, ...rest }: AgentScript): TaskScript {
  return {
    ...rest,
    signals: signals.map(({ forged: _forged, ...signal }) => signal),
    containers: containers.map(({ end, ...container }) =>
      end === undefined ? container : { ...container, end: { ...end, when: 'after-method' } },
    ),
  };
}
