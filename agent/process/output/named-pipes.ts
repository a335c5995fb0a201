import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../../shared/time/clock.ts';
import { runSystemProgram } from '../../system/system-program.ts';

export type StandardStream = 'stdin' | 'stdout' | 'stderr';

/** Both ends of a pipe: the agent's, which never blocks, and the one for the process, which does. */
export interface PipeEnds {
  readonly ours: number;
  readonly theirs: number;
  /** Path that stands for the pipe of stdin, and opens neither end. */
  readonly name?: number;
}

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
/** open(2), on x86-64 and arm64; Node does not name it. */
const O_PATH = 0o10000000;
// mkfifo takes some 3 ms; on a machine with a load of 16 it took 14 (measured 2026-11). A disk that hangs fails the start.
const MKFIFO_TIMEOUT_MS = 10_000;
// A command that opens its stdin by name after the end of the input waits at most this long (chosen; an attempt takes 10 µs).
const OPENER_INTERVAL_MS = 100;

/**
 * Pipes for standard streams. What Node makes of `stdio: 'pipe'` is a pair of sockets, and a socket cannot be opened by a
 * name: `> /dev/stderr`, `tee /dev/stdout` and `cat /dev/stdin` would fail with "No such device or address". A file would be
 * emptied by the same `> /dev/stdout`. Node cannot make pipes, so they begin as named ones in `directory`, which only the
 * agent can enter; the names are removed at once.
 */
export function openPipes<Name extends StandardStream>(
  directory: string,
  names: readonly Name[],
): Readonly<Record<Name, PipeEnds>> {
  const ownDirectory = mkdtempSync(join(directory, 'pipes-'));
  const opened = new Map<Name, PipeEnds>();
  try {
    // Open to everybody: a command that the process runs as another user inherits them, and may open them by name again.
    const paths = names.map((name) => join(ownDirectory, name));
    runSystemProgram('mkfifo', ['-m', '0666', '--', ...paths], MKFIFO_TIMEOUT_MS);
    for (const name of names) opened.set(name, openEnds(join(ownDirectory, name), name));
    return Object.fromEntries(opened) as Record<Name, PipeEnds>;
  } catch (error) {
    for (const { ours, theirs, name } of opened.values()) {
      for (const fd of [ours, theirs, ...(name === undefined ? [] : [name])]) closeSync(fd);
    }
    throw error;
  } finally {
    rmSync(ownDirectory, { recursive: true, force: true });
  }
}

function openEnds(path: string, name: StandardStream): PipeEnds {
  // Opening one end waits for the other, but not while somebody holds both.
  const opened: number[] = [];
  const open = (flags: number): number => {
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  const both = openSync(path, O_RDWR | O_NONBLOCK);
  try {
    const [ourFlag, theirFlag] = name === 'stdin' ? [O_WRONLY, O_RDONLY] : [O_RDONLY, O_WRONLY];
    const ends = { ours: open(ourFlag | O_NONBLOCK), theirs: open(theirFlag) };
    return name === 'stdin' ? { ...ends, name: open(O_PATH) } : ends;
  } catch (error) {
    opened.forEach((fd) => closeSync(fd));
    throw error;
  } finally {
    closeSync(both);
  }
}

/** The agent's end of stdout or stderr. */
export function outputStream({ ours }: PipeEnds): Socket {
  return new Socket({ fd: ours, readable: true, writable: false });
}

/** The agent's end of stdin. */
export function inputStream({ ours, name }: PipeEnds, clock: Clock): Socket {
  const stream = new Socket({ fd: ours, readable: false, writable: true });
  if (name !== undefined) stream.once('close', () => void letOpenersIn(name, clock));
  return stream;
}

/**
 * A pipe that had a name differs from others in one thing: who opens it to read when nobody writes any more waits for a
 * writer (fifo(7)). So `cat /dev/stdin` behind the end of the input would wait for ever. A writer who comes and goes lets it
 * in, and it finds the end of the input. There is none to come when nobody holds the pipe, which fails with ENXIO.
 */
async function letOpenersIn(name: number, clock: Clock): Promise<void> {
  const never = new AbortController().signal;
  try {
    for (;;) {
      closeSync(openSync(`/proc/self/fd/${name}`, O_WRONLY | O_NONBLOCK));
      await clock.sleep(OPENER_INTERVAL_MS, never);
    }
  } catch {
    closeSync(name);
  }
}
