import {
  readEntry,
  readEnvironText,
  readProcTable,
  readWrittenBytes,
  type ProcEntry,
} from '../../../shared/system/proc-table.ts';

/** The variable that marks a process and all it starts as ours, wherever they move to. */
export const PROCESS_MARK = 'WIP_PROCESS';

/** A tree: the session it was started in, its mark, and everyone ever seen to descend from it. */
export interface Tree {
  readonly leaderPid: number;
  /** Undefined when the leader had ended before it could be read. */
  readonly leaderStartTicks: number | undefined;
  /** Null for a tree whose members are all adopted. */
  readonly mark: string | null;
  /** pid → start ticks, so that a pid that is used again is not taken for the old process. */
  readonly members: Map<number, number>;
}

export function createTree(leaderPid: number, mark: string | null): Tree {
  return { leaderPid, leaderStartTicks: readEntry(leaderPid)?.startTicks, mark, members: new Map() };
}

/** The mark a process carries in its environment, read at most once per process table, since that is expensive. */
type MarkOf = (pid: number) => string | undefined;

const NO_MARKS: MarkOf = () => undefined;

const MARK_PATTERN = new RegExp(`(?:^|\\0)${PROCESS_MARK}=([^\\0]*)`);

/** Undefined for a process that has emptied its environment, or whose environment may not be read. */
export function readMark(pid: number): string | undefined {
  return MARK_PATTERN.exec(readEnvironText(pid) ?? '')?.[1];
}

function readMarks(): MarkOf {
  const known = new Map<number, string | undefined>();
  return (pid) => {
    if (!known.has(pid)) known.set(pid, readMark(pid));
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
    const isMarked = tree.mark !== null && markOf(entry.pid) === tree.mark;
    if (isInSession || isKnown(entry) || isMarked) ours.set(entry.pid, entry);
  }
  for (let size = -1; size !== ours.size;) {
    size = ours.size;
    for (const entry of table) if (ours.has(entry.parentPid)) ours.set(entry.pid, entry);
  }
  return [...ours.values()];
}

/** Finds the members without reading environments, remembers new ones, and forgets those that are gone. */
export function updateMembers(tree: Tree, table: readonly ProcEntry[]): { members: ProcEntry[]; newcomers: number } {
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

/** Called with each process table before members are found, to give trees those members that nothing else proves. */
export type Adopt = (table: readonly ProcEntry[]) => void;

/** Finds the living members, reading environments too: a process that left the session is found by its mark. */
export function findLivingMembers(trees: readonly Tree[], adopt?: Adopt): ProcEntry[] {
  if (trees.length === 0) return [];
  const table = readProcTable();
  adopt?.(table);
  const markOf = readMarks();
  return trees.flatMap((tree) => remember(tree, findMembers(tree, table, markOf)).members.filter(isAlive));
}

/**
 * Counts the living members without reading environments. That is enough for waiting: findLivingMembers has remembered
 * everybody before.
 */
export function countLiving(trees: readonly Tree[], adopt?: Adopt): number {
  const table = readProcTable();
  adopt?.(table);
  return trees.reduce((count, tree) => count + updateMembers(tree, table).members.filter(isAlive).length, 0);
}

export interface EffortSample {
  readonly progress: number;
  /** Ticks of the living members, with those of children they have waited for. */
  readonly livingTicks: number;
  /** The most that was seen so far. */
  readonly cpuTicks: number;
}

/** The work of a tree so far, as one number that only grows: ticks, written bytes and started processes. */
export interface Effort {
  sample(members: readonly ProcEntry[], newcomers: number): EffortSample;
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
      // It falls when an orphan ends, whose time goes to the reaper: what was seen once is kept.
      const livingTicks = members.reduce((sum, member) => sum + member.cpuTicks, 0);
      cpuTicks = Math.max(cpuTicks, livingTicks);
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
      return { progress, livingTicks, cpuTicks };
    },
  };
}
