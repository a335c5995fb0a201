import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { withoutFrames } from './log-frames.ts';

/** Where a container's output is kept. */
export interface OutputCopy {
  readonly docker: Docker;
  readonly id: string;
  readonly file: string;
}

/**
 * Copies what a container writes into a file while it runs, from its first byte on. The file replaces one of an earlier
 * run of local ECS. The copy may lack the last lines: Docker ends a followed log without reading it once more after the
 * container's end. `copyRestOfOutput` adds them.
 */
export async function copyRunningOutput(copy: OutputCopy, signal: AbortSignal): Promise<void> {
  await copyLog(copy, 0, signal);
}

/** Appends what the file lacks of a container that has ended. The engine reads its log from the beginning for it. */
export async function copyRestOfOutput(copy: OutputCopy, signal: AbortSignal): Promise<void> {
  await copyLog(copy, await sizeOf(copy.file), signal);
}

/** The engine keeps the output until the container is removed, in the order that the file has too. */
async function copyLog({ docker, id, file }: OutputCopy, fromByte: number, signal: AbortSignal): Promise<void> {
  const container = docker.getContainer(id);
  const { Config: config } = await container.inspect();
  const log = await container.logs({ follow: true, stdout: true, stderr: true });
  // For its whole life: a connection can break after the copy has ended, and an error without a listener ends local ECS.
  log.on('error', () => undefined);
  // Too late: another copy may write the file by now.
  if (signal.aborted) {
    if (log instanceof Readable) log.destroy();
    return;
  }
  const output = config.Tty ? new PassThrough() : withoutFrames();
  const stop = (): void => {
    log.unpipe(output);
    output.end();
  };
  log.pipe(output);
  // A connection that breaks ends the copy.
  log.once('error', stop);
  log.once('close', stop);
  signal.addEventListener('abort', stop, { once: true });
  const written = createWriteStream(file, { mode: 0o600, flags: fromByte === 0 ? 'w' : 'a' });
  await pipeline(output, withoutFirst(fromByte), written);
}

/** Passes a stream on from a byte of it. */
function withoutFirst(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const rest = chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - rest.length;
      done(null, rest);
    },
  });
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    // Nothing was copied yet.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
