import { readFileSync, readdirSync } from 'node:fs';

/** A running process as /proc shows it. */
export interface ProcEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** Clock ticks after boot. A pid and its start name one process forever; a pid alone is reused. */
  readonly startTicks: number;
  /** User and system time of the process, and of its children that were waited for. */
  readonly cpuTicks: number;
  /** The part of `cpuTicks` that belongs to children that were waited for. */
  readonly waitedTicks: number;
  readonly residentPages: number;
  readonly isZombie: boolean;
}

// proc(5): state is field 3, ppid 4, pgrp 5, session 6, utime 14, stime 15, cutime 16, cstime 17, starttime 22, rss 24.
// The array begins at field 3, after the name.
const FIELD = {
  state: 0,
  ppid: 1,
  group: 2,
  session: 3,
  utime: 11,
  stime: 12,
  cutime: 13,
  cstime: 14,
  start: 19,
  rss: 21,
} as const;

/** Clock ticks a second in which /proc counts: USER_HZ, 100 on every Linux architecture that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** Bytes of a page of memory: 4 KiB wherever Node's Linux builds run, but for some 64-bit ARM kernels. */
export const PAGE_BYTES = 4_096;

/** Parses `/proc/<pid>/stat`. The name is in parentheses and may contain blanks and parentheses itself. */
export function parseStat(text: string): ProcEntry | undefined {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (index: number): number => Number(fields[index] ?? Number.NaN);
  if (!Number.isInteger(pid) || !Number.isFinite(number(FIELD.rss))) return undefined;
  return {
    pid,
    parentPid: number(FIELD.ppid),
    groupId: number(FIELD.group),
    sessionId: number(FIELD.session),
    startTicks: number(FIELD.start),
    cpuTicks: number(FIELD.utime) + number(FIELD.stime) + number(FIELD.cutime) + number(FIELD.cstime),
    waitedTicks: number(FIELD.cutime) + number(FIELD.cstime),
    residentPages: number(FIELD.rss),
    isZombie: fields[FIELD.state] === 'Z' || fields[FIELD.state] === 'X',
  };
}

/** Returns all processes. A process that ends during the read is left out. */
export function readProcTable(): ProcEntry[] {
  const table: ProcEntry[] = [];
  for (const name of readdirSync('/proc')) {
    if (name.charCodeAt(0) > 0x39) continue; // digits only: pids
    const entry = readEntry(Number(name));
    if (entry) table.push(entry);
  }
  return table;
}

export function readEntry(pid: number): ProcEntry | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** Returns the environment with which a process was started, as one NUL-separated text; empty when it may not be read. */
export function readEnvironText(pid: number): string | undefined {
  return readOrNothing(`/proc/${pid}/environ`);
}

/**
 * Returns the bytes that the process wrote to files, pipes and sockets: a build that only streams makes progress too.
 */
export function readWrittenBytes(pid: number): number {
  return Number(/^wchar: (\d+)/m.exec(readOrNothing(`/proc/${pid}/io`) ?? '')?.[1] ?? 0);
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended since it was listed, or belongs to another user: either way there is nothing to see.
    return undefined;
  }
}
