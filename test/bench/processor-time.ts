import { readFileSync } from 'node:fs';
import { descendantsOf } from '../../controlplane/localecs/process/process-tree.ts';

// USER_HZ, the unit of proc(5): 100 on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;
// utime and stime, cutime and cstime, counted from the state, which is the first field after the name.
const OWN = [11, 12];
const OF_ENDED_CHILDREN = [13, 14];

/** Returns seconds with the time of children that have ended: a shell has many. */
export function processorSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(pid, [...OWN, ...OF_ENDED_CHILDREN]), 0) / TICKS_PER_SECOND;
}

/** Returns seconds without the time of children: those of an agent are the build. */
export function ownProcessorSeconds(pid: number): number {
  return ticksOf(pid, OWN) / TICKS_PER_SECOND;
}

/** Returns the processor seconds of a program and everything it has started. */
export function processorSecondsOfTree(pid: number): number {
  return processorSeconds([pid, ...descendantsOf(pid)]);
}

function ticksOf(pid: number, wanted: readonly number[]): number {
  const fields = statOf(pid).split(') ')[1]?.split(' ') ?? [];
  return wanted.reduce((sum, field) => sum + Number(fields[field] ?? 0), 0);
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
