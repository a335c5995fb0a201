import { readdirSync, readFileSync } from 'node:fs';

// Processes are looked up in /proc, synchronously: a walk takes a few milliseconds, and a process that is signalled
// must be the one that was just seen. Whatever vanishes while it is read is gone, which is what was asked for.

interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  readonly sessionId: number;
  readonly isZombie: boolean;
  /** Clock ticks since boot: with the pid it names one process for ever. */
  readonly startTicks: string;
}

export function readStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, in parentheses, may hold anything; what follows it is numbers (proc(5)).
    const [state, parentPid, , sessionId, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      pid,
      parentPid: Number(parentPid),
      sessionId: Number(sessionId),
      isZombie: state === 'Z',
      startTicks: rest[15] ?? '',
    };
  } catch {
    return null;
  }
}

/** Whether this very process, and not a later one with its number, still runs. */
export function isRunning(pid: number, startTicks: string): boolean {
  const stat = readStat(pid);
  return stat !== null && !stat.isZombie && stat.startTicks === startTicks;
}

export function childrenOf(pid: number): number[] {
  return allProcesses()
    .filter((stat) => stat.parentPid === pid)
    .map((stat) => stat.pid);
}

/** Those it has started itself, as opposed to orphans that it adopted: these have left its session. */
export function ownChildrenOf(pid: number): number[] {
  const sessionId = readStat(pid)?.sessionId;
  return childrenOf(pid).filter((child) => readStat(child)?.sessionId === sessionId);
}

export function descendantsOf(pid: number): number[] {
  const all = allProcesses();
  const found = new Set<number>();
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter((stat) => parents.has(stat.parentPid) && !found.has(stat.pid)).map((stat) => stat.pid);
    children.forEach((child) => found.add(child));
    parents = new Set(children);
  }
  return [...found];
}

/**
 * Processes that were given `directory` in their environment. It is one container's own, so whoever has it belongs to
 * that container. PWD does not count: it is also the environment of a person who looks into the directory.
 */
export function processesOf(directory: string): number[] {
  return allProcesses()
    .map((stat) => stat.pid)
    .filter((pid) => environmentOf(pid).some((entry) => mentions(entry, directory)));
}

function mentions(entry: string, directory: string): boolean {
  const [name, value = ''] = entry.split(/=(.*)/s, 2);
  return name !== 'PWD' && name !== 'OLDPWD' && (value === directory || value.startsWith(`${directory}/`));
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

function allProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== null);
}

/** Signals one process; one that is gone already is what was wanted. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
