import { readFileSync } from 'node:fs';
import { descendantsOf } from '../../controlplane/localecs/process-tree.ts';

// USER_HZ, the unit of proc(5): 100 on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;
// utime, stime, cutime, cstime, counted from the state, which is the first field after the name.
const FIELDS = [11, 12, 13, 14];

/** Returns seconds with the time of children that have ended: a shell has many. */
export function processorSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) / TICKS_PER_SECOND;
}

/** Returns the processor seconds of a program and everything it has started. */
export function processorSecondsOfTree(pid: number): number {
  return processorSeconds([pid, ...descendantsOf(pid)]);
}

function ticksOf(pid: number): number {
  const fields = statOf(pid).split(') ')[1]?.split(' ') ?? [];
  return FIELDS.reduce((sum, field) => sum + Number(fields[field] ?? 0), 0);
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return ''; // The process has ended, and its parent has its time.
  }
}

/** Returns the maximum of resident memory; NaN when the process has ended. */
export function peakMegabytes(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kilobytes) * 1_024) / 1e6;
  } catch {
    return NaN;
  }
}
