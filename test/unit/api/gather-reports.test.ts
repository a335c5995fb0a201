import { describe, expect, it } from 'vitest';
import { gatherReports } from '../../../controlplane/api/agents/gather-reports.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';

interface Gathered {
  /** Each write, in order, with the reports that were written together. */
  readonly writes: readonly (readonly string[])[];
  /** The outcome of each report. */
  readonly answers: readonly string[];
}

/** Sends all reports at once to a store that refuses a report called `bad` and fails at one called `outage`. */
async function gathered(reports: readonly string[]): Promise<Gathered> {
  const writes: (readonly string[])[] = [];
  const report = gatherReports<string>({
    async write(some) {
      writes.push(some);
      for (const failure of ['outage', 'bad']) if (some.includes(failure)) throw new Error(failure);
    },
    isHopeless: (error) => error instanceof Error && error.message === 'outage',
    clock: new HastyClock(),
  });
  const answers = await Promise.allSettled(reports.map(report));
  return { writes, answers: answers.map(({ status }) => status) };
}

describe('reports that come within a moment', () => {
  it('are written together, and each is answered', async () => {
    expect(await gathered(['a', 'b', 'c'])).toEqual({
      writes: [['a', 'b', 'c']],
      answers: ['fulfilled', 'fulfilled', 'fulfilled'],
    });
  });

  it('are written without the one that is refused', async () => {
    const { writes, answers } = await gathered(['a', 'bad', 'c']);
    expect(writes).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
    expect(answers).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('are not tried one by one while the store is out', async () => {
    const { writes, answers } = await gathered(['a', 'outage']);
    expect(writes).toEqual([['a', 'outage']]);
    expect(answers).toEqual(['rejected', 'rejected']);
  });

  it('are at most 500, and the others come next', async () => {
    const { writes, answers } = await gathered(Array.from({ length: 1_100 }, (_, n) => String(n)));
    expect(writes.map((some) => some.length)).toEqual([500, 500, 100]);
    expect(new Set(answers)).toEqual(new Set(['fulfilled']));
  });

  it('are refused while so many wait that nobody could be answered in time', async () => {
    const { writes, answers } = await gathered(Array.from({ length: 6_671 }, (_, n) => String(n)));
    expect(writes.flat()).toHaveLength(6_670);
    expect(answers.filter((answer) => answer === 'rejected')).toHaveLength(1);
  });

  it('are written when they come one after the other', async () => {
    const writes: (readonly string[])[] = [];
    const write = async (some: readonly string[]): Promise<void> => void writes.push(some);
    const report = gatherReports<string>({ write, isHopeless: () => false, clock: new HastyClock() });
    for (const one of ['a', 'b']) await report(one);
    expect(writes).toEqual([['a'], ['b']]);
  });
});
