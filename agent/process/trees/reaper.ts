import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readProcTable, type ProcEntry } from '../../../shared/system/proc-table.ts';

/**
 * Processes whose parent has ended get another parent from the kernel: the nearest subreaper above them, or process 1 of
 * their PID namespace. Where that is known to be the agent's own ancestor, nothing the build starts can leave: neither a
 * double fork nor a session of its own nor an empty environment changes whose descendant a process is.
 */
export interface Reaper {
  readonly ownPid: number;
  /** From the agent's parent up to the process that orphans cannot get past. */
  readonly ancestors: readonly number[];
  /**
   * Sessions of the ancestors and the agent. The build's processes begin sessions of their own and cannot enter these.
   */
  readonly sessions: ReadonlySet<number>;
  /** Processes older than the agent, such as those an entrypoint script started: pid → start ticks. */
  readonly bystanders: ReadonlyMap<number, number>;
}

export interface AgentProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** The directory of an agent without a container of its own. */
  readonly root: string | null;
}

/** The kernel's number for the machine's own PID namespace (PROC_PID_INIT_INO of include/linux/proc_ns.h). */
const MACHINE_NAMESPACE = 'pid:[4026531836]';

/** Undefined where orphans of the build may get a parent that others share. */
export function findReaper(deps: AgentProcess): Reaper | undefined {
  const table = readProcTable();
  const above = ancestorsOf(deps.pid, table);
  const ancestors = reachOfOrphans(deps, above);
  if (ancestors === undefined) return undefined;
  const chain = new Set([deps.pid, ...ancestors]);
  const inChain = table.filter(({ pid }) => chain.has(pid));
  return {
    ownPid: deps.pid,
    ancestors,
    sessions: new Set(inChain.map(({ sessionId }) => sessionId)),
    bystanders: new Map(table.filter(({ pid }) => !chain.has(pid)).map(({ pid, startTicks }) => [pid, startTicks])),
  };
}

function reachOfOrphans(deps: AgentProcess, above: readonly number[]): readonly number[] | undefined {
  if (deps.root !== null && isBelowSubreaper(deps.root, deps.parentPid)) return [deps.parentPid];
  // A namespace in which process 1 is above the agent was made for this container.
  if (deps.root === null && above.at(-1) === 1 && readNamespace() !== MACHINE_NAMESPACE) return above;
  const tini = above.findIndex((pid) => isSubreaper(commandLine(pid)));
  return tini < 0 ? undefined : above.slice(0, tini + 1);
}

/**
 * Local ECS starts the agent below a subreaper, as whose only child: it leaves the program that made it one in the
 * container's directory, and the subreaper its pid.
 */
function isBelowSubreaper(root: string, parentPid: number): boolean {
  if (!existsSync(join(root, 'run/subreaper'))) return false;
  try {
    return Number(readFileSync(join(root, 'container.pid'), 'utf8').split(' ')[0]) === parentPid;
  } catch {
    return false; // somebody else started the agent here
  }
}

function ancestorsOf(pid: number, table: readonly ProcEntry[]): number[] {
  const parents = new Map(table.map((entry) => [entry.pid, entry.parentPid]));
  const above: number[] = [];
  for (let next = parents.get(pid) ?? 0; next > 0 && !above.includes(next); next = parents.get(next) ?? 0) {
    above.push(next);
  }
  return above;
}

/** tini is a subreaper with -s; other options may stand before and behind it (`tini -sv`, `tini -g -s`). */
export function isSubreaper(argv: readonly string[]): boolean {
  const [program = '', ...rest] = argv;
  if (!/^(tini|tini-static|docker-init)$/.test(program.split('/').at(-1) ?? '')) return false;
  const end = rest.indexOf('--');
  return rest.slice(0, end < 0 ? 0 : end).some((word) => /^-[a-z]*s[a-z]*$/.test(word));
}

/** The arguments of a process; empty when it is gone or hidden. */
export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    // hidepid, or no such process: then nothing is proven.
    return [];
  }
}

function readNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return MACHINE_NAMESPACE; // not proven to be another
  }
}

/**
 * Everything below the agent's ancestors that is neither below the agent itself nor a bystander: what the build started
 * and lost sight of. Processes that somebody puts into the container from outside have no parent in it.
 */
export function findOrphanedChildren(reaper: Reaper, table: readonly ProcEntry[]): ProcEntry[] {
  const entries = new Map(table.map((entry) => [entry.pid, entry]));
  const verdicts = new Map<number, boolean>([[reaper.ownPid, false]]);
  const ancestors = new Set(reaper.ancestors);
  const isOrphanedChild = (entry: ProcEntry, depth: number): boolean => {
    const known = verdicts.get(entry.pid);
    if (known !== undefined) return known;
    const parent = entries.get(entry.parentPid);
    // A table that changed while it was read may hold a circle; no real tree is as deep as it is long.
    const isBelow =
      ancestors.has(entry.parentPid) || (!!parent && depth < table.length && isOrphanedChild(parent, depth + 1));
    const verdict = isBelow && !ancestors.has(entry.pid) && !isNotOurs(reaper, entry);
    verdicts.set(entry.pid, verdict);
    return verdict;
  };
  return table.filter((entry) => isOrphanedChild(entry, 0));
}

function isNotOurs({ sessions, bystanders }: Reaper, { pid, startTicks, sessionId }: ProcEntry): boolean {
  return sessions.has(sessionId) || bystanders.get(pid) === startTicks;
}

/**
 * Returns the kernel's list of the children of the agent's ancestors, in microseconds; undefined where it keeps none.
 */
export function listAdopted(reaper: Reaper): number[] | undefined {
  try {
    return reaper.ancestors
      .flatMap((pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' '))
      .filter((text) => text !== '')
      .map(Number)
      .filter((pid) => pid !== reaper.ownPid && !reaper.ancestors.includes(pid));
  } catch {
    return undefined; // built without CONFIG_PROC_CHILDREN, or an ancestor that is hidden from us
  }
}
