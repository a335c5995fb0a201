import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import type { Clock } from '../../../shared/time/clock.ts';
import { readEnvironText, readProcTable, type ProcEntry } from '../../../shared/system/proc-table.ts';
import type { CallerEnvironment } from '../build-deps.ts';

export interface FoundProcess extends Pick<ProcEntry, 'pid' | 'parentPid' | 'sessionId' | 'isZombie' | 'startTicks'> {
  /** -1 when it cannot be read. */
  readonly uid: number;
  /** The mark of the agent in its environment; undefined when there is none or it cannot be read. */
  readonly mark: string | undefined;
}

/** By this variable in their environment the processes of a build are known. */
export interface BuildMark {
  readonly mark: string;
  /** False where the tool runs without an agent, and has made the mark itself. */
  readonly isOfAgent: boolean;
  /** Start of the newest process at that time: those of the steps are no older. */
  readonly sinceTicks: number;
}

/** Called before the first step. */
export function buildMark(environment: CallerEnvironment): BuildMark {
  const given = environment['WIP_PROCESS'];
  // The start of the tool itself would not do: it may have waited for long before its command came.
  const sinceTicks = readProcTable().reduce((newest, { startTicks }) => Math.max(newest, startTicks), 0);
  return { mark: given || `build-${randomUUID()}`, isOfAgent: Boolean(given), sinceTicks };
}

/** How processes of the build are known: by the sessions of the steps, or by the agent's mark. */
export interface BuildTraits {
  readonly sessionIds: ReadonlySet<number>;
  readonly mark: string | undefined;
  readonly ownPid: number;
  /** In a container of its own the process to which the kernel gives orphans, whatever else they gave up; else null. */
  readonly adopterPid: number | null;
  /** What was adopted and is older was there before the steps. In ticks of the process table. */
  readonly sinceTicks: number;
}

/** The kernel's number for the machine's own PID namespace (PROC_PID_INIT_INO of include/linux/proc_ns.h). */
const MACHINE_NAMESPACE = 'pid:[4026531836]';
/** They start one program and nothing beside it. */
const BARE_INIT = /^(?:[^\0]*\/)?(?:tini|tini-static|docker-init|dumb-init|catatonit)\0/;

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
  const own = processes.find(({ pid }) => pid === traits.ownPid);
  const isAdopted = ({ parentPid, uid, startTicks }: FoundProcess): boolean =>
    own !== undefined && parentPid === traits.adopterPid && uid === own.uid && startTicks >= traits.sinceTicks;
  const left = new Set<number>();
  const isOurs = (one: FoundProcess): boolean => isMarked(one) || left.has(one.parentPid) || isAdopted(one);
  const isMarked = ({ sessionId, mark }: FoundProcess): boolean =>
    traits.sessionIds.has(sessionId) || (traits.mark !== undefined && mark === traits.mark);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const one of processes) if (!one.isZombie && !spared.has(one.pid) && isOurs(one)) left.add(one.pid);
  }
  return [...left];
}

/**
 * Ends what the steps left running, so that it changes nothing of the artefact and of its push. A process that left
 * its session and also emptied its environment is found in a container of its own only.
 */
export async function endLeftProcesses(
  sessionIds: readonly number[],
  { mark, isOfAgent, sinceTicks }: BuildMark,
  clock: Clock,
): Promise<void> {
  const adopterPid = isOfAgent && isOwnContainer() ? 1 : null;
  const traits = { sessionIds: new Set(sessionIds), mark, ownPid: process.pid, adopterPid, sinceTicks };
  const deadlineMs = clock.monotonicMs() + GRACE_MS;
  const signalled = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const left = findLeft(readProcesses(), traits);
    if (left.length === 0) return;
    const isOver = clock.monotonicMs() >= deadlineMs;
    for (const pid of left) {
      if (isOver) send(pid, 'SIGKILL');
      else if (!signalled.has(pid)) send(pid, 'SIGTERM');
      signalled.add(pid);
    }
    await clock.sleep(POLL_MS);
  }
}

/** Whether an agent's container has a PID namespace of its own, in which process 1 starts nothing but the agent. */
function isOwnContainer(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') !== MACHINE_NAMESPACE && BARE_INIT.test(readText('/proc/1/cmdline'));
  } catch {
    return false; // not proven
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
  return readProcTable().map((entry) => ({
    ...entry,
    uid: statSync(`/proc/${entry.pid}`, { throwIfNoEntry: false })?.uid ?? -1,
    mark: /(?:^|\0)WIP_PROCESS=([^\0]*)/.exec(readEnvironText(entry.pid) ?? '')?.[1],
  }));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // ended meanwhile, or another user's
  }
}
