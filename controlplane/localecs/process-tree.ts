import { readEntry, readEnvironText, readProcTable } from '../../shared/support/proc-table.ts';

// Processes are looked up in /proc, synchronously: a walk takes a few milliseconds, and a process that is signalled
// must be the one that was just seen. Whatever vanishes while it is read is gone, which is what was asked for.

/** Whether this very process, and not a later one with its number, still runs. The ticks are as a shell wrote them down. */
export function isRunning(pid: number, startTicks: string): boolean {
  const entry = readEntry(pid);
  return entry !== undefined && !entry.isZombie && String(entry.startTicks) === startTicks;
}

export function childrenOf(pid: number): number[] {
  return readProcTable()
    .filter((entry) => entry.parentPid === pid)
    .map((entry) => entry.pid);
}

/** Those it has started itself, as opposed to orphaned children that it adopted: these have left its session. */
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
 * Processes that were given `directory` in their environment. It is one container's own, so whoever has it belongs to
 * that container. PWD does not count: it is also the environment of a person who looks into the directory.
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

/** Signals one process; one that is gone already is what was wanted. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
