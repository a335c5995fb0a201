import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, rename, rm, stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';

/**
 * Compresses the text that `produce` writes into `file`. The file appears only when it is complete, and only its owner
 * may read it, because it holds everything.
 */
export async function writeDumpFile<T extends object>(
  file: string,
  produce: (write: (text: string) => Promise<void>) => Promise<T>,
): Promise<T & { readonly bytes: number }> {
  const unfinished = `${file}.unfinished`;
  const gzip = createGzip();
  const writing = pipeline(gzip, createWriteStream(unfinished, { mode: 0o600, flush: true })).catch(
    (cause: unknown) => {
      throw unusable(file, 'written', cause);
    },
  );
  // The promise is awaited below. Until then a rejection without a handler would end the program.
  writing.catch(() => undefined);
  try {
    const produced = await produce(async (text) => {
      // A file that fails never drains, so its failure ends the wait too, in the words of `writing` and not in those of the stream.
      if (gzip.destroyed || !gzip.write(text)) await Promise.race([once(gzip, 'drain').catch(() => writing), writing]);
    });
    gzip.end();
    await writing;
    await rename(unfinished, file);
    return { ...produced, bytes: (await stat(file)).size };
  } catch (error) {
    gzip.destroy();
    // Only the first error is thrown. The file fails as a consequence.
    await writing.catch(() => undefined);
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Reads the lines of such a file. Errors of its content are thrown out of the iteration. */
export async function readDumpFile<T>(file: string, consume: (lines: AsyncIterable<string>) => Promise<T>): Promise<T> {
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw unusable(file, 'read', cause);
  });
  const gunzip = createGunzip();
  const reading = pipeline(createReadStream(file), gunzip);
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
