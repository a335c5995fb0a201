import { readEntry, readEnvironText, readProcTable } from '../../../shared/system/proc-table.ts';

// Processes are looked up in /proc, synchronously: a walk takes a few milliseconds, and the process that is signalled
// must be the one that was just found. A process that vanishes while its files are read is treated as gone.

/**
 * Returns whether this very process still runs, and not a later one with its number. `startTicks` has the form that a
 * shell wrote.
 */
export function isRunning(pid: number, startTicks: string): boolean {
  const entry = readEntry(pid);
  return entry !== undefined && !entry.isZombie && String(entry.startTicks) === startTicks;
}

export function childrenOf(pid: number): number[] {
  return readProcTable()
    .filter((entry) => entry.parentPid === pid)
    .map((entry) => entry.pid);
}

/**
 * Returns the children that the process has started itself. Orphaned children that it adopted have left its session
 * and are not among them.
 */
export function ownChildrenOf(pid: number): number[] {
  const sessionId = readEntry(pid)?.sessionId;
  return childrenOf(pid).filter((child) => readEntry(child)?.sessionId === sessionId);
}

export function descendantsOf(pid: number): number[] {
  const all = readProcTable();
  const found = new Set<number>();
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all
      .filter((entry) => parents.has(entry.parentPid) && !found.has(entry.pid))
      .map((entry) => entry.pid);
    children.forEach((child) => found.add(child));
    parents = new Set(children);
  }
  return [...found];
}

/**
 * Returns the processes with `directory` in their environment. The directory belongs to one container, so these
 * processes do too. PWD does not count: it is also in the environment of a person who works in the directory.
 */
export function processesOf(directory: string): number[] {
  return readProcTable()
    .map((entry) => entry.pid)
    .filter((pid) => (readEnvironText(pid) ?? '').split('\0').some((entry) => mentions(entry, directory)));
}

function mentions(entry: string, directory: string): boolean {
  const [name, value = ''] = entry.split(/=(.*)/s, 2);
  return name !== 'PWD' && name !== 'OLDPWD' && (value === directory || value.startsWith(`${directory}/`));
}

/** Signals one process. A process that is gone already counts as signalled. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
