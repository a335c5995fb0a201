import type { Clock } from '../../../shared/time/clock.ts';
import { readEntry, readProcTable } from '../../../shared/system/proc-table.ts';
import { findOrphanedChildren, listAdopted, type Reaper } from './reaper.ts';
import { countLiving, findLivingMembers, type Adopt, type Tree } from './trees.ts';

/** How often the process table is read while trees are being ended: each reading costs about 2 ms with 150 processes. */
const SCAN_INTERVAL_MS = 25;
/** A process that survives KILL is in an uninterruptible call of the kernel; waiting longer does not end it. */
const KILL_PATIENCE_MS = 2_000;
/** Rounds in a row, some 20 microseconds each, before the event loop gets its turn. */
const MAX_KILL_ROUNDS = 500;

/** Returns false when the process, or the group if negative, is gone or not ours to signal. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // ESRCH: it ended by itself a moment ago. EPERM: it changed its user, which only the image's own setuid programs can.
    return false;
  }
}

export interface SignalTrees {
  readonly trees: readonly Tree[];
  readonly adopt?: Adopt;
}

/** Sends the signal to every member of the trees. Returns how many there were. */
export function signalTrees({ trees, adopt }: SignalTrees, signal: NodeJS.Signals): number {
  const members = findLivingMembers(trees, adopt);
  for (const { pid } of members) sendSignal(pid, signal);
  // The kernel signals a group in one go: what forks between our reading and our signal is reached with it. A group never
  // reaches beyond a session, and the build's sessions are its own.
  if (signal === 'SIGKILL') for (const group of groupsOf(members)) sendSignal(-group, signal);
  return members.length;
}

function groupsOf(members: readonly { readonly groupId: number }[]): Set<number> {
  const groups = new Set(members.map(({ groupId }) => groupId).filter((group) => group > 1));
  groups.delete(readEntry(process.pid)?.groupId ?? 0);
  return groups;
}

export interface EndTrees {
  /** Called again for each reading: a session may begin while the others end. */
  readonly trees: () => readonly Tree[];
  readonly adopt?: Adopt;
  /** All children of the reaper are ended too; undefined when only these trees are. */
  readonly reaper?: Reaper;
  readonly firstSignal: NodeJS.Signals;
  readonly graceMs: number;
  /** Ends the grace early. */
  readonly killNow: AbortSignal;
  readonly clock: Clock;
}

/**
 * Sends the first signal to every process, and KILL to those left after the grace, until none is left. The table is read
 * again and again, because a tree that is being killed still forks. Returns how many processes survived even KILL.
 */
export async function endTrees(what: EndTrees): Promise<number> {
  const { adopt, firstSignal, graceMs, killNow, clock } = what;
  const now = (): SignalTrees => ({ trees: what.trees(), ...(adopt ? { adopt } : {}) });
  const graceEnd = clock.monotonicMs() + graceMs;
  if (graceMs > 0 && !killNow.aborted) {
    signalTrees(now(), firstSignal);
    // A stopped process takes the signal only once it goes on.
    signalTrees(now(), 'SIGCONT');
  }
  while (clock.monotonicMs() < graceEnd && !killNow.aborted && countLiving(what.trees(), adopt) > 0) {
    await clock.sleep(SCAN_INTERVAL_MS, killNow);
  }
  const patienceEnd = clock.monotonicMs() + KILL_PATIENCE_MS;
  const kill = (): number => signalTrees(now(), 'SIGKILL') + (what.reaper ? killAdopted(what.reaper) : 0);
  let left = kill();
  while (left > 0 && clock.monotonicMs() < patienceEnd) {
    await clock.sleep(SCAN_INTERVAL_MS);
    // One reading of a table that changes may miss a process: only two in a row prove that none is left.
    left = kill() + kill();
  }
  return left;
}

/**
 * A daemon that forks, begins a session and ends, over and over, is another process at each reading of the whole table. The
 * kernel's list of what the reaper has adopted is read, and everyone in it killed, in less time than such a fork takes.
 * Returns how many rounds found somebody.
 */
function killAdopted(reaper: Reaper): number {
  for (let round = 0; round < MAX_KILL_ROUNDS; round += 1) {
    const entries = (listAdopted(reaper) ?? []).map(readEntry).filter((entry) => entry !== undefined);
    const orphanedChildren = findOrphanedChildren(reaper, entries).filter(({ isZombie }) => !isZombie);
    if (orphanedChildren.length === 0) return round;
    for (const { pid, groupId } of orphanedChildren) {
      sendSignal(pid, 'SIGKILL');
      if (groupId > 1) sendSignal(-groupId, 'SIGKILL');
    }
  }
  return MAX_KILL_ROUNDS;
}

/** Inits that start one program and nothing beside it; Docker, and so ECS, calls its tini docker-init. */
const BARE_INITS: ReadonlySet<string> = new Set(['tini', 'tini-static', 'docker-init', 'dumb-init', 'catatonit']);

/**
 * Whether the agent is alone with its build in its PID namespace: process 1 is a bare init whose arguments end with the
 * agent's own command line, and the agent is its child. Only then may everything else be ended without further proof.
 * A shell's arguments may end like that, too, but a script can have started others before the agent.
 */
export function isAlone(initArgv: readonly string[], ownArgv: readonly string[], ownParentPid: number): boolean {
  const init = initArgv[0]?.split('/').at(-1) ?? '';
  if (ownParentPid !== 1 || !BARE_INITS.has(init) || initArgv.length <= ownArgv.length) return false;
  return ownArgv.every((argument, index) => argument === initArgv[initArgv.length - ownArgv.length + index]);
}

/** KILLs every process of the PID namespace but init and the agent until none is left, for `limitMs` at most. */
export async function sweepNamespace(clock: Clock, limitMs: number): Promise<number> {
  const end = clock.monotonicMs() + limitMs;
  for (;;) {
    // A process in the kernel's care (a thread of it, or a zombie) has no memory of its own.
    const others = readProcTable().filter(
      (entry) => entry.pid !== 1 && entry.pid !== process.pid && !entry.isZombie && entry.residentPages > 0,
    );
    if (others.length === 0 || clock.monotonicMs() >= end) return others.length;
    for (const { pid } of others) sendSignal(pid, 'SIGKILL');
    await clock.sleep(SCAN_INTERVAL_MS);
  }
}
