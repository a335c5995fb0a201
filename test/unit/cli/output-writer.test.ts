import { describe, expect, it } from 'vitest';
import { AS_WRITTEN, OutputWriter, type OutputForm } from '../../../controlplane/cli/output/output-writer.ts';
import type { WrittenPiece } from '../../../controlplane/cli/output/written-piece.ts';
import { MemorySink } from '../../kit/programs/command-line.ts';
import { createPieceWriter } from '../../kit/agent/written-pieces.ts';

function written(form: OutputForm, pieces: readonly WrittenPiece[]): Buffer {
  const sink = new MemorySink();
  const writer = new OutputWriter(sink, form);
  for (const piece of pieces) writer.write(piece);
  writer.end();
  return sink.bytes;
}

describe('output as it was written', () => {
  it('is its bytes', () => {
    const bytes = Buffer.from([0xff, 0x00, 0x1b, 0xe2, 0x82]);
    expect(written(AS_WRITTEN, [createPieceWriter()(bytes)])).toEqual(bytes);
  });

  it('has a mark on a line of its own where bytes are missing, and where another container begins', () => {
    const piece = createPieceWriter();
    const pieces = [
      piece('open'),
      piece('line\n', { omittedBefore: 7 }),
      piece('end', { omittedBefore: 8 }),
      piece('again\n', { attempt: 2 }),
    ];
    expect(written(AS_WRITTEN, pieces).toString()).toBe(
      [
        'open',
        '[wip: 7 bytes of stdout are missing here]',
        'line',
        '[wip: 8 bytes of stdout are missing here]',
        'end',
        '[wip: here begins attempt 2]',
        'again',
        '',
      ].join('\n'),
    );
  });
});

describe('output with times', () => {
  const TIMES: OutputForm = { text: 'as-written', times: 'each-line' };

  it('has one before each line: when its first byte came, whatever came between', () => {
    const piece = createPieceWriter();
    const pieces = [piece('one\ntw'), piece('error\n', { stream: 'stderr' }), piece('o\nthree')];
    expect(written(TIMES, pieces).toString()).toBe(
      [
        '2026-11-28T12:00:01.000Z  one',
        '2026-11-28T12:00:02.000Z  error',
        '2026-11-28T12:00:01.000Z  two',
        '2026-11-28T12:00:03.000Z  three',
        '',
      ].join('\n'),
    );
  });

  it('breaks a line that never ends, so that it is not kept whole', () => {
    const piece = createPieceWriter();
    const long = 'x'.repeat(400_000);
    const lines = written(TIMES, [piece(long), piece(long), piece(long), piece('y\n')])
      .toString()
      .split('\n');
    expect(lines.map((line) => line.length)).toEqual([26 + 1_200_000, 26 + 1, 0]);
  });

  it('has none of the colours when it shall be plain', () => {
    const piece = createPieceWriter();
    const form: OutputForm = { text: 'plain', times: 'each-line' };
    expect(written(form, [piece('\u001b[3'), piece('1mred\n'), piece('50%\r')]).toString()).toBe(
      '2026-11-28T12:00:02.000Z  red\n2026-11-28T12:00:03.000Z  50%\n',
    );
  });
});
