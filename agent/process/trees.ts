import type { Clock } from '../../shared/support/clock.ts';
import { readEntry, readEnvironText, readProcTable, readWrittenBytes, type ProcEntry } from './proc-table.ts';

/** The variable that marks a process and all it starts as ours, wherever they move to. */
export const PROCESS_MARK = 'WIP_PROCESS';

/** How often a tree is looked at again while it is being ended: each look costs about 2 ms with 150 processes. */
const LOOK_AGAIN_MS = 25;

/** A tree: the session it was started in, its mark, and everyone ever seen to descend from it. */
export interface Tree {
  readonly leaderPid: number;
  /** Undefined when the leader had ended before it could be looked at. */
  readonly leaderStartTicks: number | undefined;
  readonly mark: string;
  /** pid → start ticks, so that a pid that is used again is not taken for the old process. */
  readonly members: Map<number, number>;
}

export function createTree(leaderPid: number, mark: string): Tree {
  return { leaderPid, leaderStartTicks: readEntry(leaderPid)?.startTicks, mark, members: new Map() };
}

/** The mark a process carries in its environment, asked for at most once per look since reading it is expensive. */
type MarkOf = (pid: number) => string | undefined;

const NO_MARKS: MarkOf = () => undefined;

function readMarks(): MarkOf {
  const known = new Map<number, string | undefined>();
  const pattern = new RegExp(`(?:^|\\0)${PROCESS_MARK}=([^\\0]*)`);
  return (pid) => {
    if (!known.has(pid)) known.set(pid, pattern.exec(readEnvironText(pid) ?? '')?.[1]);
    return known.get(pid);
  };
}

/**
 * Which running processes belong to the tree. Proof is a session id, the mark in the environment, or descent from a
 * member seen before.
 */
export function findMembers(tree: Tree, table: readonly ProcEntry[], markOf: MarkOf): ProcEntry[] {
  const ours = new Map<number, ProcEntry>();
  const isKnown = (entry: ProcEntry): boolean => tree.members.get(entry.pid) === entry.startTicks;
  // A pid is used again once its session is empty: a leader with another start makes its session a stranger's.
  const leader = table.find((entry) => entry.pid === tree.leaderPid);
  const isOurSession = tree.leaderPid > 0 && (!leader || leader.startTicks === tree.leaderStartTicks);
  for (const entry of table) {
    const isInSession = isOurSession && entry.sessionId === tree.leaderPid;
    if (isInSession || isKnown(entry) || markOf(entry.pid) === tree.mark) ours.set(entry.pid, entry);
  }
  for (let size = -1; size !== ours.size;) {
    size = ours.size;
    for (const entry of table) if (ours.has(entry.parentPid)) ours.set(entry.pid, entry);
  }
  return [...ours.values()];
}

/** Looks at the tree without reading environments, remembers new members, and forgets those that are gone. */
export function lookAt(tree: Tree, table: readonly ProcEntry[]): { members: ProcEntry[]; newcomers: number } {
  return remember(tree, findMembers(tree, table, NO_MARKS));
}

function remember(tree: Tree, members: ProcEntry[]): { members: ProcEntry[]; newcomers: number } {
  const before = new Map(tree.members);
  tree.members.clear();
  for (const member of members) tree.members.set(member.pid, member.startTicks);
  const newcomers = members.filter((member) => before.get(member.pid) !== member.startTicks).length;
  return { members, newcomers };
}

/** A zombie is dead already and waits for its parent; the agent itself is nobody's to signal. */
function isAlive(member: ProcEntry): boolean {
  return !member.isZombie && member.pid !== process.pid;
}

/** The closest look there is: environments are read too, so whoever left the session is found by the mark. */
export function lookClosely(trees: readonly Tree[]): ProcEntry[] {
  if (trees.length === 0) return [];
  const table = readProcTable();
  const markOf = readMarks();
  return trees.flatMap((tree) => remember(tree, findMembers(tree, table, markOf)).members.filter(isAlive));
}

/** Sends to every member of the trees; answers how many there were. */
export function signalTrees(trees: readonly Tree[], signal: NodeJS.Signals): number {
  const members = lookClosely(trees);
  for (const { pid } of members) sendSignal(pid, signal);
  return members.length;
}

/** The cheap look, good enough to wait with: the close one before it has remembered everybody. */
function countLiving(trees: readonly Tree[]): number {
  const table = readProcTable();
  return trees.reduce((count, tree) => count + lookAt(tree, table).members.filter(isAlive).length, 0);
}

/** False when the process is gone or not ours to signal. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // ESRCH: it ended by itself a moment ago. EPERM: it changed its user, which only the image's own setuid programs can.
    return false;
  }
}

/** A survivor of KILL is in an uninterruptible call of the kernel; waiting longer does not end it. */
const KILL_PATIENCE_MS = 2_000;

export interface EndTrees {
  /** Asked again for each look: a session may begin while the others end. */
  readonly trees: () => readonly Tree[];
  readonly firstSignal: NodeJS.Signals;
  readonly graceMs: number;
  /** Ends the grace early. */
  readonly killNow: AbortSignal;
  readonly clock: Clock;
}

/**
 * The first signal to everyone, KILL to whoever is left after the grace, until nobody is left. Looks again and again,
 * because a tree that is being killed still forks. Answers how many survived even KILL.
 */
export async function endTrees({ trees, firstSignal, graceMs, killNow, clock }: EndTrees): Promise<number> {
  const graceEnd = clock.monotonicMs() + graceMs;
  if (graceMs > 0 && !killNow.aborted) {
    signalTrees(trees(), firstSignal);
    // A stopped process takes the signal only once it goes on.
    signalTrees(trees(), 'SIGCONT');
  }
  while (clock.monotonicMs() < graceEnd && !killNow.aborted && countLiving(trees()) > 0) {
    await clock.sleep(LOOK_AGAIN_MS, killNow);
  }
  const patienceEnd = clock.monotonicMs() + KILL_PATIENCE_MS;
  let left = signalTrees(trees(), 'SIGKILL');
  while (left > 0 && clock.monotonicMs() < patienceEnd) {
    await clock.sleep(LOOK_AGAIN_MS);
    left = signalTrees(trees(), 'SIGKILL');
  }
  return left;
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
    await clock.sleep(LOOK_AGAIN_MS);
  }
}

/** What a tree has done so far, as one number that only grows: ticks, written bytes and processes it started. */
export interface Effort {
  sample(members: readonly ProcEntry[], newcomers: number): { progress: number; cpuTicks: number };
}

export function createEffort(): Effort {
  const last = new Map<string, { ticks: number; written: number }>();
  let progress = 0;
  let cpuTicks = 0;
  return {
    sample(members, newcomers) {
      progress += newcomers;
      const seen = new Set<string>();
      // A member that was waited for has left its time with its parent, so the sum over the living is the time of all.
      // It falls when an orphan ends, whose time goes to init: what was seen once is kept.
      cpuTicks = Math.max(
        cpuTicks,
        members.reduce((sum, member) => sum + member.cpuTicks, 0),
      );
      for (const member of members) {
        const key = `${member.pid}.${member.startTicks}`;
        seen.add(key);
        const before = last.get(key) ?? { ticks: 0, written: 0 };
        const written = member.isZombie ? before.written : readWrittenBytes(member.pid);
        // Counters of a process never fall; a fall means that the file could no longer be read.
        progress += Math.max(0, member.cpuTicks - before.ticks) + Math.max(0, written - before.written);
        last.set(key, { ticks: member.cpuTicks, written });
      }
      for (const key of last.keys()) if (!seen.has(key)) last.delete(key);
      return { progress, cpuTicks };
    },
  };
}
