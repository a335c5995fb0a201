import { once } from 'node:events';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { access, constants, rename, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import type { Sink } from '../cli-context.ts';

type Produce<T> = (write: (text: string) => Promise<void>) => Promise<T>;

/** Returns whether the path is an existing pipe or device, such as `>(…)` of a shell or /dev/stdout, which is written to directly. */
export function isWrittenThrough(stats: Stats): boolean {
  return !stats.isFile() && !stats.isDirectory();
}

/**
 * Compresses the text that `produce` writes into `file`. The file appears only when it is complete, and only its owner
 * may read it, because it holds everything.
 */
export async function writeDumpFile<T extends object>(
  file: string,
  produce: Produce<T>,
): Promise<T & { readonly bytes: number }> {
  const unfinished = `${file}.unfinished`;
  try {
    const toFile = createWriteStream(unfinished, { mode: 0o600, flush: true });
    const produced = await compress(toFile, file, produce);
    await rename(unfinished, file);
    return produced;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Compresses the text that `produce` writes into a pipe or a device. */
export function writeDumpThrough<T extends object>(
  path: string,
  produce: Produce<T>,
): Promise<T & { readonly bytes: number }> {
  return compress(createWriteStream(path), path, produce);
}

/** Compresses the text that `produce` writes onto an output stream, as fast as its reader takes it. */
export function writeDumpOut<T extends object>(
  out: Pick<Sink, 'write' | 'drained'>,
  produce: Produce<T>,
): Promise<T & { readonly bytes: number }> {
  const toReader = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out.write(chunk);
      out.drained().then(() => done(), done);
    },
  });
  return compress(toReader, 'The standard output', produce);
}

/**
 * Compresses the produced text into the target. The dump is complete only when the promise has resolved; `readDump` refuses one
 * that is cut off.
 */
async function compress<T extends object>(
  target: Writable,
  name: string,
  produce: Produce<T>,
): Promise<T & { readonly bytes: number }> {
  const gzip = createGzip();
  let bytes = 0;
  gzip.on('data', (chunk: Buffer) => (bytes += chunk.length));
  const writing = pipeline(gzip, target).catch((cause: unknown) => {
    throw unusable(name, 'written', cause);
  });
  // The promise is awaited below. Until then a rejection without a handler would end the program.
  writing.catch(() => undefined);
  try {
    const produced = await produce(async (text) => {
      // A target that fails never drains, so its failure ends the wait too. The error of `writing` is thrown, which names the
      // target.
      if (gzip.destroyed || !gzip.write(text)) await Promise.race([once(gzip, 'drain').catch(() => writing), writing]);
    });
    gzip.end();
    await writing;
    return { ...produced, bytes };
  } catch (error) {
    gzip.destroy();
    // Only the first error is thrown. The target fails as a consequence.
    await writing.catch(() => undefined);
    throw error;
  }
}

/** Reads the lines of a dump file. The iteration throws the errors of its content. */
export async function readDumpFile<T>(file: string, consume: (lines: AsyncIterable<string>) => Promise<T>): Promise<T> {
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw unusable(file, 'read', cause);
  });
  return readDump(createReadStream(file), consume);
}

/** Reads the lines of a dump from any source of bytes. */
export async function readDump<T>(
  source: AsyncIterable<Uint8Array>,
  consume: (lines: AsyncIterable<string>) => Promise<T>,
): Promise<T> {
  const gunzip = createGunzip();
  const reading = pipeline(source, gunzip);
  // The iteration throws the same error. Without these handlers it would end the program: before the iteration begins, or when
  // the iteration is over and the rest is still being unpacked.
  reading.catch(() => undefined);
  gunzip.on('error', () => undefined);
  try {
    return await consume(linesOf(gunzip));
  } finally {
    gunzip.destroy();
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

function unusable(file: string, what: 'read' | 'written', cause: unknown): OperationalError {
  return new OperationalError('USAGE', {
    happened: `${file} cannot be ${what}: ${messageOf(cause)}`,
    remedy: 'Name a file in a directory that is there and that you may use',
    cause,
  });
}
