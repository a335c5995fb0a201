import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDumpFile, writeDumpFile } from '../../../controlplane/cli/database/dump-file.ts';

// An error of a stream that nobody handles ends the program with a stack trace, whatever the command would have said.

let directory: string;
const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'wip-dump-'));
  uncaught.length = 0;
  process.on('uncaughtExceptionMonitor', note);
});
afterEach(() => {
  process.off('uncaughtExceptionMonitor', note);
  rmSync(directory, { recursive: true });
});

/** Lines that do not compress, in more pieces than a stream holds at once. */
const LINES = Array.from({ length: 400 }, (_, index) => `${index} ${randomBytes(600).toString('base64')}`);

async function dumpBytes(): Promise<Buffer> {
  const file = join(directory, 'whole.dump');
  await writeDumpFile(file, async (write) => {
    for (const line of LINES) await write(`${line}\n`);
    return {};
  });
  return readFileSync(file);
}

type Reader = (lines: AsyncIterable<string>) => Promise<string[]>;

/** Reads lines until there are `most`, and leaves the rest. */
function readsAtMost(most: number): Reader {
  return async (lines) => {
    const read: string[] = [];
    for await (const line of lines) {
      read.push(line);
      if (read.length >= most) break;
    }
    return read;
  };
}

const READERS: Readonly<Record<string, Reader>> = {
  'reads all of it': readsAtMost(Infinity),
  'reads one line': readsAtMost(1),
  'reads half of it': readsAtMost(LINES.length / 2),
  'reads nothing': async () => [],
  'reads nothing, and later': async () => {
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    return [];
  },
  'refuses a line': async (lines) => {
    for await (const line of lines) if (line.startsWith('3 ')) throw new Error('the line was refused');
    return [];
  },
  'is slow': async (lines) => {
    const read: string[] = [];
    for await (const line of lines) {
      if (read.push(line) % 50 === 0) await nextTurn();
    }
    return read;
  },
};

/** Returns the lines that were read, or the error that was thrown. */
async function outcomeOf(bytes: Buffer, reader: Reader): Promise<string[] | Error> {
  const file = join(directory, 'damaged.dump');
  writeFileSync(file, bytes);
  try {
    return await readDumpFile(file, reader);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect(uncaught).toEqual([]);
}

describe.each(Object.entries(READERS))('a dump whose reader %s', (_how, reader) => {
  it('leaves no error to nobody, wherever the dump breaks off', async () => {
    const whole = await dumpBytes();
    const cuts = [
      0,
      1,
      9,
      10,
      11,
      18,
      ...Array.from({ length: 30 }, (_, index) => Math.floor((whole.length * index) / 30)),
    ];
    for (const cut of [...cuts, whole.length - 9, whole.length - 8, whole.length - 1]) {
      const outcome = await outcomeOf(whole.subarray(0, cut), reader);
      if (reader === READERS['reads all of it']) expect([cut, outcome]).toEqual([cut, expect.any(Error)]);
      await quiet();
    }
    expect(await outcomeOf(whole, READERS['is slow']!)).toEqual(LINES);
  });

  it('leaves no error to nobody, wherever a byte of it is wrong', async () => {
    const whole = await dumpBytes();
    for (let place = 0; place < whole.length; place += Math.ceil(whole.length / 30)) {
      const damaged = Buffer.from(whole);
      damaged[place] = (damaged[place] ?? 0) ^ 0xff;
      await outcomeOf(damaged, reader);
      await quiet();
    }
  });
});

describe('a dump that is written', () => {
  it.each([0, 1, 50, 399])(
    'to a disk that is full is told as such, also after %i lines, and leaves nothing',
    async (least) => {
      const file = join(directory, 'full.dump');
      symlinkSync('/dev/full', `${file}.unfinished`);
      let written = 0;
      const told = await writeDumpFile(file, async (write) => {
        for (; written < 20_000; written += 1) {
          await write(`${LINES[written % LINES.length]}\n`);
          if (written < least) await nextTurn();
        }
        return {};
      }).catch((error: unknown) => error);
      expect(told).toMatchObject({ code: 'USAGE' });
      expect(String(told)).toMatch(/full\.dump cannot be written: ENOSPC/);
      expect(written, 'it goes on although nothing is kept').toBeLessThan(20_000);
      await quiet();
      expect([existsSync(file), existsSync(`${file}.unfinished`)]).toEqual([false, false]);
    },
  );

  it.each([0, 1, 50, 399])('by what breaks off after %i lines leaves its error, and no file', async (count) => {
    const file = join(directory, 'broken.dump');
    const told = await writeDumpFile(file, async (write) => {
      for (const line of LINES.slice(0, count)) await write(`${line}\n`);
      throw new Error('the database went away');
    }).catch((error: unknown) => error);
    expect(String(told)).toBe('Error: the database went away');
    await quiet();
    expect([existsSync(file), existsSync(`${file}.unfinished`)]).toEqual([false, false]);
  });
});
