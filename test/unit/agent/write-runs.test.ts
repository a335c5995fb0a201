import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputRecord } from '../../../agent/process/output/output-record.ts';
import { createWatchBudget } from '../../../agent/process/output/watch-budget.ts';
import { joinRuns, otherThan, runsOf, type Runs } from '../../../agent/process/output/write-runs.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';

const anyRuns = fc.record({ first: fc.constantFrom<StreamName>('stdout', 'stderr'), count: fc.nat(9) });

function turnsOf({ first, count }: Runs): StreamName[] {
  return Array.from({ length: count }, (_, at) => (at % 2 === 0 ? first : otherThan(first)));
}

describe('runs of writes to two streams', () => {
  it('are counted for each stream', () => {
    fc.assert(
      fc.property(anyRuns, (runs) => {
        for (const stream of ['stdout', 'stderr'] as const)
          expect(runsOf(stream, runs)).toBe(turnsOf(runs).filter((turn) => turn === stream).length);
      }),
    );
  });

  it('are joined without a run that only went on', () => {
    fc.assert(
      fc.property(anyRuns, anyRuns, (before, after) => {
        const all = [...turnsOf(before), ...turnsOf(after)];
        expect(turnsOf(joinRuns(before, after))).toEqual(all.filter((turn, at) => turn !== all[at - 1]));
      }),
    );
  });
});

describe('the record of the order', () => {
  const block = (stdout: number, stderr: number): Parameters<OutputRecord['add']>[0] => ({
    ends: {
      stdout: { settled: 0, sure: stdout, seen: stdout },
      stderr: { settled: 0, sure: stderr, seen: stderr },
    },
    runs: { first: 'stdout', count: 2 },
  });

  it('becomes coarser beyond its bound, and reaches to the last byte', () => {
    const record = new OutputRecord();
    for (let count = 1; count <= 10_000; count += 1) record.add(block(count, count));
    let blocks = 0;
    let turns = 0;
    let last = 0;
    for (let first = record.first(); first; first = record.first()) {
      blocks += 1;
      turns += first.runs.count;
      last = first.ends.stderr.seen;
      record.shift();
    }
    expect([blocks, turns, last]).toEqual([4_096, 20_000, 10_000]);
  });

  it('is exact again when there is room again', () => {
    const record = new OutputRecord();
    for (let count = 1; count <= 10_000; count += 1) record.add(block(count, count));
    for (let count = 0; count < 4_096; count += 1) record.shift();
    expect(record.first()).toBeUndefined();
    record.add(block(10_001, 10_000));
    record.add(block(10_001, 10_001));
    record.shift();
    expect(record.first()).toEqual(block(10_001, 10_001));
  });

  it('forgets a stream whose file was emptied, and keeps the other', () => {
    const record = new OutputRecord();
    record.add(block(10, 20));
    record.forget('stdout');
    expect(record.first()?.ends).toEqual({
      stdout: { settled: 0, sure: 0, seen: 0 },
      stderr: { settled: 0, sure: 20, seen: 20 },
    });
  });
});

describe('what a process may cost for its order', () => {
  it.each([
    ['two thousand lines on each stream at once', 400, 10, 1, true],
    ['a line each 10 ms, for a minute', 6_000, 1, 10, true],
    ['a thousand lines a second, for a minute', 60_000, 1, 1, true],
    ['a hundred thousand lines a second, for a minute', 60_000, 100, 1, false],
  ])('is enough for %s: %i readings after %i events each, every %d ms', (_what, readings, events, everyMs, isLeft) => {
    const budget = createWatchBudget(0);
    let isSpent = false;
    for (let reading = 1; reading <= readings; reading += 1) isSpent ||= !budget.spend(events, reading * everyMs);
    expect(isSpent).toBe(!isLeft);
  });

  it('comes back after half a second, not a little at a time', () => {
    const budget = createWatchBudget(0);
    expect(budget.spend(60_000, 1)).toBe(false);
    const spentMs = 10_000 / 10 + 1;
    expect(budget.isEnough(spentMs + 1)).toBe(false);
    expect(budget.isEnough(spentMs + 499)).toBe(false);
    expect(budget.isEnough(spentMs + 510)).toBe(true);
  });
});
