import { readdirSync, readFileSync } from 'node:fs';
import type { Clock } from '../../shared/support/clock.ts';

export interface FoundProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly sessionId: number;
  readonly isZombie: boolean;
  /** The mark of the agent in its environment; undefined when there is none or it cannot be read. */
  readonly mark: string | undefined;
}

/** How processes of the build are known: by the sessions of the steps, or by the agent's mark. */
export interface BuildTraits {
  readonly sessionIds: ReadonlySet<number>;
  readonly mark: string | undefined;
  readonly ownPid: number;
}

// The same grace as for a step that is told to end.
const GRACE_MS = 3_000;
const POLL_MS = 50;
// Processes that start others as fast as they are killed; the agent ends those when the build is over.
const MAX_ROUNDS = 100;

/** The processes that the steps left behind: all with their traits, and all that these started. */
export function findLeft(processes: readonly FoundProcess[], traits: BuildTraits): number[] {
  const parents = new Map(processes.map(({ pid, parentPid }) => [pid, parentPid]));
  const spared = new Set<number>();
  for (let pid: number | undefined = traits.ownPid; pid !== undefined && !spared.has(pid); pid = parents.get(pid)) {
    spared.add(pid);
  }
  const left = new Set<number>();
  const isOurs = ({ parentPid, sessionId, mark }: FoundProcess): boolean =>
    traits.sessionIds.has(sessionId) || (traits.mark !== undefined && mark === traits.mark) || left.has(parentPid);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const one of processes) if (!one.isZombie && !spared.has(one.pid) && isOurs(one)) left.add(one.pid);
  }
  return [...left];
}

/**
 * Ends what the steps left running, so that it changes nothing of the artefact and of its push. A process that left
 * its session and also emptied its environment is not found.
 */
export async function endLeftProcesses(
  sessionIds: readonly number[],
  mark: string | undefined,
  clock: Clock,
): Promise<void> {
  const traits = { sessionIds: new Set(sessionIds), mark, ownPid: process.pid };
  const deadlineMs = clock.monotonicMs() + GRACE_MS;
  const told = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const left = findLeft(readProcesses(), traits);
    if (left.length === 0) return;
    const isOver = clock.monotonicMs() >= deadlineMs;
    for (const pid of left) {
      if (isOver) send(pid, 'SIGKILL');
      else if (!told.has(pid)) send(pid, 'SIGTERM');
      told.add(pid);
    }
    await clock.sleep(POLL_MS);
  }
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended a moment ago, or became another user's.
  }
}

function readProcesses(): FoundProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => readProcess(Number(name)) ?? []);
}

function readProcess(pid: number): FoundProcess | null {
  const stat = readText(`/proc/${pid}/stat`);
  // The name of the program stands in parentheses and may hold some itself (proc_pid_stat(5)).
  const [state, parentPid, , sessionId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!state || parentPid === undefined || sessionId === undefined) return null;
  const mark = /(?:^|\0)WIP_PROCESS=([^\0]*)/.exec(readText(`/proc/${pid}/environ`))?.[1];
  return { pid, parentPid: Number(parentPid), sessionId: Number(sessionId), isZombie: state === 'Z', mark };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // ended meanwhile, or another user's
  }
}
