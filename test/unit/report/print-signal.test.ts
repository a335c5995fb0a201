import { describe, expect, it } from 'vitest';
import { printSignal } from '../../../agent/report/print-signal.ts';
import { CLASS_ID, OutputSignal, ReadySignal } from '../../../shared/protocol/signals.ts';

const MIB = 1024 * 1024;

function ends(tailBytes: number): { head: string; tail: string; bytes: number; omitted: number } {
  return {
    head: 'aGVhZA==',
    tail: Buffer.alloc(tailBytes, 'abcdefg').toString('base64'),
    bytes: tailBytes + 4,
    omitted: 0,
  };
}

function printOutput(fields: object, maxBytes: number): { body: OutputSignal; length: number } {
  const printed = printSignal('output', { taskId: 7 }, { exitLog: 'Over.', log: '', ...fields }, maxBytes);
  return { body: OutputSignal.parse(JSON.parse(printed.toString())), length: printed.length };
}

describe('printSignal', () => {
  it('lays the fields over SIGNAL_BODY, and the class id over both', () => {
    const base = { taskId: 7, pid: 1, classId: 'from the body' };
    const printed = printSignal('ready', base, { pid: 42, startTime: 5 }, MIB);
    expect(ReadySignal.parse(JSON.parse(printed.toString()))).toEqual({
      taskId: 7,
      pid: 42,
      startTime: 5,
      classId: CLASS_ID.ready,
      type: 1,
    });
  });

  it('leaves an output signal that fits as it is', () => {
    const { body } = printOutput({ stdout: ends(MIB), stderr: ends(MIB) }, 4 * MIB);
    expect(body.stdout).toEqual(ends(MIB));
    expect(body.stderr).toEqual(ends(MIB));
  });

  it('cuts the beginnings of the tails of one that does not, and counts what it cut', () => {
    const { body, length } = printOutput({ stdout: ends(3 * MIB), stderr: ends(2 * MIB) }, 2 * MIB);
    expect(length).toBeLessThanOrEqual(2 * MIB);
    for (const stream of [body.stdout, body.stderr]) {
      expect(stream && Buffer.from(stream.tail, 'base64').length + 4 + stream.omitted).toBe(stream?.bytes);
    }
    expect(
      Buffer.alloc(2 * MIB, 'abcdefg')
        .toString()
        .endsWith(Buffer.from(body.stderr?.tail ?? '', 'base64').toString()),
    ).toBe(true);
  });

  it('keeps the end of a log that alone is too long', () => {
    const { body, length } = printOutput({ log: `${'\u0001'.repeat(MIB)}the end` }, MIB);
    expect(length).toBeLessThanOrEqual(MIB);
    expect(body.log.endsWith('the end')).toBe(true);
  });
});
