import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { sql } from 'kysely';
import { appendChunk, appendChunks, type OutputBounds } from '../../../controlplane/store/output/append-chunk.ts';
import { appendUsageSamples } from '../../../controlplane/store/output/append-usage-samples.ts';
import {
  countOmittedOutput,
  readOutput,
  readOutputPieces,
  type PieceRange,
  type StoredPiece,
} from '../../../controlplane/store/output/read-output.ts';
import { readOutputEnds } from '../../../controlplane/store/output/collected-output.ts';
import { listUsageSamples, readUsage } from '../../../controlplane/store/output/read-usage.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import { findAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import { CallbackId } from '../../../shared/model/ids.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database/database.ts';
import { launchAttempt, sendSignal, startedTask } from '../../kit/database/store.ts';
import { newUsage } from '../../kit/usage.ts';

const databases = useTestDatabases();
const NOBODY = CallbackId.parse('x'.repeat(86));
const ALL = { stream: 'stdout', offset: 0, maxBytes: 1_000_000 } as const;

interface Piece {
  readonly offset: number;
  readonly text: string;
  readonly processId?: string;
  readonly stream?: 'stdout' | 'stderr';
}

async function append(
  { db }: TestDatabase,
  attempt: AttemptRow,
  piece: Piece,
  bounds?: Partial<OutputBounds>,
): Promise<string> {
  const { offset, text, processId = 'p', stream = 'stdout' } = piece;
  const chunk = { callbackId: attempt.callbackId, processId, stream, offset, bytes: Buffer.from(text) };
  return appendChunk(db, chunk, bounds);
}

const textOf = ({ data }: StoredPiece): string => Buffer.from(data.join(''), 'base64').toString();

describe('output', () => {
  it('is read as it was written, each stream for itself, one process after the other', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    await append(test, attempt, { offset: 0, text: 'hello ' });
    await append(test, attempt, { offset: 0, text: 'oops', stream: 'stderr' });
    await append(test, attempt, { offset: 6, text: 'world' });
    await append(test, attempt, { offset: 0, text: '!', processId: 'a-later-one' });
    const whole = await readOutput(test.db, attempt.taskId, ALL);
    expect({ ...whole, data: whole.data.toString() }).toEqual({
      data: 'hello world!',
      nextOffset: 12,
      omittedBytes: 0,
    });
    const part = await readOutput(test.db, attempt.taskId, { ...ALL, offset: 4, maxBytes: 5 });
    expect({ ...part, data: part.data.toString() }).toEqual({ data: 'o wor', nextOffset: 9, omittedBytes: 0 });
    const { pieces } = await readOutputPieces(test.db, attempt.taskId, { after: 0, limit: 10 });
    expect(pieces.map(textOf)).toEqual(['hello ', 'oops', 'world', '!']);
    expect((await readOutputPieces(test.db, attempt.taskId, { after: pieces[2]!.id, limit: 10 })).pieces).toHaveLength(
      1,
    );
    const { pieces: backwards } = await readOutputPieces(test.db, attempt.taskId, {
      after: 0,
      before: pieces[3]!.id,
      limit: 2,
    });
    expect(backwards.map(textOf)).toEqual(['oops', 'world']);
    const { at } = pieces[1]!;
    const { pieces: later } = await readOutputPieces(test.db, attempt.taskId, { after: 0, since: at, limit: 10 });
    expect(later.map(({ id }) => id)).toEqual(pieces.filter((piece) => piece.at >= at).map(({ id }) => id));
  });

  it.each([2 ** 31 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER - 4])(
    'of a build that has written more than 2 GiB is stored and read (from byte %d)',
    async (offset) => {
      const test = await databases.fresh();
      const attempt = await launchAttempt(test.db, await startedTask(test.db));
      await append(test, attempt, { offset: 0, text: 'ab' });
      expect(await append(test, attempt, { offset, text: 'cd' })).toBe('stored');
      expect(await append(test, attempt, { offset: offset + 2, text: 'ef' }, { headBytes: 2, maxBytes: 4 })).toBe(
        'stored',
      );
      const { data, omittedBytes } = await readOutput(test.db, attempt.taskId, ALL);
      expect(data.toString()).toBe(`ab\n[wip: ${offset} bytes of stdout are missing here]\nef`);
      expect(omittedBytes).toBe(offset);
      const { pieces } = await readOutputPieces(test.db, attempt.taskId, { after: 0, limit: 10 });
      expect(pieces.map((piece) => [piece.offset, piece.omittedBefore])).toEqual([
        [0, 0],
        [offset + 2, offset],
      ]);
      const ends = await readOutputEnds(test.db, attempt.id, 'p');
      expect(ends.stdout).toBe(offset + 4);
    },
  );

  it('is read page by page, of few pieces or few bytes, in both directions', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const texts = ['0'.repeat(60), '1'.repeat(60), '2', '3', '4'.repeat(60)];
    let offset = 0;
    for (const text of texts) {
      const bytes = Buffer.from(text);
      await appendChunk(test.db, { callbackId: attempt.callbackId, processId: 'p', stream: 'stdout', offset, bytes });
      offset += bytes.length;
    }
    const read = async (range: PieceRange): Promise<string> => {
      const { pieces, isFull } = await readOutputPieces(test.db, attempt.taskId, range);
      expect(pieces.every((piece) => piece.length === textOf(piece).length)).toBe(true);
      return `${pieces.map((piece) => textOf(piece)[0]).join('')}${isFull ? '…' : ''}`;
    };
    const all = await readOutputPieces(test.db, attempt.taskId, { after: 0, limit: 9 });
    const ids = all.pieces.map(({ id }) => id);
    expect(await read({ after: 0, limit: 9 })).toBe('01234');
    expect(await read({ after: 0, limit: 2 })).toBe('01…');
    expect(await read({ after: 0, limit: 9, maxBytes: 1 })).toBe('0…');
    expect(await read({ after: 0, limit: 9, maxBytes: 61 })).toBe('01…');
    expect(await read({ after: ids[1]!, limit: 9, maxBytes: 61 })).toBe('234…');
    expect(await read({ after: ids[1]!, limit: 9, maxBytes: 63 })).toBe('234');
    expect(await read({ after: 0, before: ids[4]!, limit: 9, maxBytes: 3 })).toBe('123…');
  });

  it('of several pieces is kept in their order, and refused from the first piece on that is', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const piece = (stream: 'stdout' | 'stderr', offset: number, text: string): Parameters<typeof appendChunk>[1] => ({
      callbackId: attempt.callbackId,
      processId: 'p',
      stream,
      offset,
      bytes: Buffer.from(text),
    });
    const pieces = [piece('stdout', 0, 'one '), piece('stderr', 0, 'two '), piece('stdout', 4, 'three ')];
    const outcomes = [await appendChunks(test.db, pieces), await appendChunks(test.db, pieces)];
    expect(outcomes).toEqual(['stored', 'stored']);
    const { pieces: kept } = await readOutputPieces(test.db, attempt.taskId, { after: 0, limit: 10 });
    expect(kept.map(textOf).join('')).toBe('one two three ');
    await sendSignal(test.db, attempt, 1, { kind: 'exit' });
    expect(await appendChunks(test.db, [...pieces, piece('stderr', 4, 'late')])).toBe('ended');
    expect(await appendChunks(test.db, [{ ...pieces[0]!, callbackId: NOBODY }, pieces[1]!])).toBe('unknown');
    expect((await readOutputPieces(test.db, attempt.taskId, { after: 0, limit: 10 })).pieces).toHaveLength(3);
  });

  it('without a byte takes no place of the output that follows', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const outcomes = [];
    for (const text of ['', 'first', '']) outcomes.push(await append(test, attempt, { offset: 0, text }));
    expect(outcomes).toEqual(['stored', 'stored', 'repeated']);
    expect((await readOutput(test.db, attempt.taskId, ALL)).data.toString()).toBe('first');
    await sendSignal(test.db, attempt, 1, { kind: 'exit' });
    expect(await append(test, attempt, { offset: 5, text: '' })).toBe('ended');
  });

  it('that comes twice is kept once, and of nobody is refused', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const outcomes = [];
    for (let times = 0; times < 3; times += 1) outcomes.push(await append(test, attempt, { offset: 0, text: 'once' }));
    expect(outcomes).toEqual(['stored', 'repeated', 'repeated']);
    const unknown = await append(test, { ...attempt, callbackId: NOBODY }, { offset: 0, text: 'x' });
    expect(unknown).toBe('unknown');
    expect((await readOutput(test.db, attempt.taskId, ALL)).data.toString()).toBe('once');
  });

  it('that comes again is repeated, and after the exit refused, whatever the numbers of its attempt, rows and signals', async () => {
    const test = await databases.fresh();
    const other = await launchAttempt(test.db, await startedTask(test.db));
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    await sendSignal(test.db, other, 1, { kind: 'ready' });
    for (const offset of [0, 1, 2]) await append(test, other, { offset, text: 'x' });
    const outcomes = [];
    for (const offset of [0, 4, 0, 4]) outcomes.push(await append(test, attempt, { offset, text: 'text' }));
    expect(outcomes).toEqual(['stored', 'stored', 'repeated', 'repeated']);
    for (const seq of [1, 2, 3]) await sendSignal(test.db, other, seq + 1, { kind: 'ready' });
    await sendSignal(test.db, attempt, 1, { kind: 'exit' });
    expect(await append(test, attempt, { offset: 8, text: 'late' })).toBe('ended');
    expect(await append(test, other, { offset: 3, text: 'x' })).toBe('stored');
  });

  it('counts what was dropped on the way', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    await append(test, attempt, { offset: 0, text: 'ab' });
    await append(test, attempt, { offset: 10, text: 'cd' });
    expect((await readOutput(test.db, attempt.taskId, ALL)).omittedBytes).toBe(8);
  });

  it('says in its place how many bytes are missing, however it is read', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    await append(test, attempt, { offset: 0, text: 'ab' });
    await append(test, attempt, { offset: 7, text: 'an error', stream: 'stderr' });
    await append(test, attempt, { offset: 10, text: 'cd' });
    await append(test, attempt, { offset: 12, text: 'ef' });
    const marked = 'ab\n[wip: 8 bytes of stdout are missing here]\ncdef';
    for (let maxBytes = 1; maxBytes <= 6; maxBytes += 1) {
      let text = '';
      for (let offset = 0; offset < 6;) {
        const read = await readOutput(test.db, attempt.taskId, { ...ALL, offset, maxBytes });
        text += read.data.toString();
        offset = read.nextOffset;
      }
      expect(text).toBe(marked);
    }
    const { pieces } = await readOutputPieces(test.db, attempt.taskId, { after: 0, limit: 10 });
    expect(pieces.map((piece) => piece.omittedBefore)).toEqual([0, 7, 8, 0]);
    const { pieces: rest } = await readOutputPieces(test.db, attempt.taskId, { after: pieces[1]!.id, limit: 10 });
    expect(rest.map((piece) => piece.omittedBefore)).toEqual([8, 0]);
    expect(await countOmittedOutput(test.db, attempt.taskId)).toEqual({ gaps: 15, trimmed: 0 });
  });

  it('that is too much keeps its beginning and its newest end, and counts the rest exactly', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const bounds = { headBytes: 20, maxBytes: 100 };
    for (let offset = 0; offset < 400; offset += 10) {
      await append(test, attempt, { offset, text: String(offset).padStart(10, '.') }, bounds);
      const { data, omittedBytes } = await readOutput(test.db, attempt.taskId, ALL);
      const stored = data.toString().replace(/\n\[wip: \d+ bytes of stdout are missing here\]\n/, '');
      expect(stored.length).toBeLessThanOrEqual(100);
      expect(stored.length + omittedBytes).toBe(offset + 10);
    }
    const text = (await readOutput(test.db, attempt.taskId, ALL)).data.toString();
    const { gaps, trimmed } = await countOmittedOutput(test.db, attempt.taskId);
    expect(gaps).toBe(0);
    expect(text).toContain(`\n[wip: ${trimmed} bytes of stdout are missing here]\n`);
    expect(text).toMatch(/^\.{9}0\.{8}10/);
    expect(text).toMatch(/380\.{7}390$/);
  });

  it('of 200 processes that a sender made up is bounded for the attempt: the newest of it, and the rest is counted', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const bounds = { headBytes: 20, maxBytes: 100, attemptBytes: 1_000, attemptStreams: 1_000 };
    for (let number = 0; number < 200; number += 1) {
      const outcome = await append(test, attempt, { offset: 0, text: 'x'.repeat(30), processId: `p${number}` }, bounds);
      expect(outcome).toBe('stored');
    }
    const { data, omittedBytes } = await readOutput(test.db, attempt.taskId, ALL);
    expect(data.length).toBeLessThanOrEqual(1_000);
    expect(data.length + omittedBytes).toBe(200 * 30);
    const kept = await test.db.selectFrom('outputChunk').select('processId').execute();
    expect(kept.map(({ processId }) => processId)).toContain('p199');
    const stored = await test.db.selectFrom('outputStream').select('storedBytes').execute();
    expect(stored.reduce((sum, { storedBytes }) => sum + storedBytes, 0)).toBe(data.length);
  });

  it('of an attempt keeps the beginnings of its streams longest', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const bounds = { headBytes: 20, maxBytes: 400, attemptBytes: 500, attemptStreams: 1_000 };
    for (let offset = 0; offset < 400; offset += 10) {
      for (const processId of ['one', 'two']) {
        await append(test, attempt, { offset, text: String(offset).padStart(10, '.'), processId }, bounds);
      }
    }
    const chunks = await test.db.selectFrom('outputChunk').select(['processId', 'byteOffset']).orderBy('id').execute();
    const offsets = chunks.filter(({ processId }) => processId === 'one').map(({ byteOffset }) => byteOffset);
    expect(offsets.slice(0, 3)).toEqual([0, 10, expect.any(Number)]);
    expect(offsets[2]).toBeGreaterThan(100);
    expect(offsets.at(-1)).toBe(390);
  });

  it('of more streams than are kept of one attempt is refused, of those that are there it is taken', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const bounds = { attemptStreams: 2 };
    const outcomes = [];
    for (const processId of ['a', 'b', 'c']) {
      outcomes.push(await append(test, attempt, { offset: 0, text: 'x', processId }, bounds));
    }
    outcomes.push(await append(test, attempt, { offset: 1, text: 'y', processId: 'a' }, bounds));
    expect(outcomes).toEqual(['stored', 'stored', 'full', 'stored']);
  });

  it('that is new is not kept after the exit of its attempt was accepted; what was kept is acknowledged again', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    await append(test, attempt, { offset: 0, text: 'before' });
    await sendSignal(test.db, attempt, 1, { kind: 'exit' });
    const ended = await findAttempt(test.db, { uuid: attempt.uuid });
    expect(await append(test, attempt, { offset: 0, text: 'before' })).toBe('repeated');
    expect(await append(test, attempt, { offset: 6, text: 'after' })).toBe('ended');
    expect(await append(test, attempt, { offset: 0, text: 'after', processId: 'another' })).toBe('ended');
    const usage = { usage: newUsage(), progress: 1, secondsToTimeLimit: null, secondsToDiskLimit: null };
    await appendUsageSamples(test.db, [{ callbackId: attempt.callbackId, sample: { ...usage, at: new Date(0) } }]);
    expect(await listUsageSamples(test.db, attempt.taskId)).toEqual([]);
    expect((await readOutput(test.db, attempt.taskId, ALL)).data.toString()).toBe('before');
    // The last word of the container stays its last word.
    expect(await findAttempt(test.db, { uuid: attempt.uuid })).toEqual(ended);
  });

  it('takes less space than it has bytes where the server can compress with lz4, and is the same either way', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    const text = 'cc -O2 -c source/module.c -o build/module.o\n'.repeat(1_000);
    await append(test, attempt, { offset: 0, text });
    const { rows } = await sql<{ stored: number; canCompress: boolean }>`
      SELECT pg_column_size(bytes) AS stored, 'lz4' = ANY (enumvals) AS can_compress
      FROM output_chunk, pg_settings WHERE name = 'default_toast_compression'`.execute(test.db);
    const { stored = NaN, canCompress } = rows[0] ?? {};
    expect(stored / text.length).toBeCloseTo(canCompress ? 0 : 1, 1);
    const { data } = await readOutput(test.db, attempt.taskId, ALL);
    expect(data.toString()).toBe(text);
  });

  it('read in pieces of any size is the same bytes', async () => {
    const test = await databases.fresh();
    const attempt = await launchAttempt(test.db, await startedTask(test.db));
    let written = '';
    for (const text of ['alpha', 'b', 'gamma delta', 'ef']) {
      await append(test, attempt, { offset: written.length, text });
      written += text;
    }
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 25 }), async (maxBytes) => {
        let read = '';
        for (let offset = 0; ;) {
          const { data, nextOffset } = await readOutput(test.db, attempt.taskId, { ...ALL, offset, maxBytes });
          if (data.length === 0) break;
          read += data.toString();
          offset = nextOffset;
        }
        expect(read).toBe(written);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the usage of an attempt', () => {
  const sample = {
    usage: newUsage({ wallSeconds: 5 }),
    progress: 3,
    secondsToTimeLimit: 60.5,
    secondsToDiskLimit: null,
  };

  it('is that of the newest heartbeat until the exit signal tells the final one', async () => {
    const { db } = await databases.fresh();
    const attempt = await launchAttempt(db, await startedTask(db));
    const { callbackId, taskId } = attempt;
    const later = { ...sample, at: new Date(2000), usage: newUsage({ wallSeconds: 9 }) };
    await appendUsageSamples(db, [
      { callbackId, sample: { ...sample, at: new Date(1000) } },
      { callbackId, sample: later },
      { callbackId, sample: later },
      { callbackId: NOBODY, sample: later },
    ]);
    await appendUsageSamples(db, [{ callbackId, sample: later }]);
    expect(await listUsageSamples(db, taskId)).toHaveLength(2);
    expect(await readUsage(db, taskId)).toEqual([
      { attempt: 1, source: 'heartbeat', usage: newUsage({ wallSeconds: 9 }) },
    ]);
    await sendSignal(db, attempt, 1, { kind: 'exit', body: { usage: { wallSeconds: 10 } } });
    expect(await readUsage(db, taskId)).toEqual([{ attempt: 1, source: 'exit', usage: { wallSeconds: 10 } }]);
  });
});
