import { afterAll, describe, expect, it } from 'vitest';
import { OperationalError } from '../../shared/model/error.ts';
import { readCorpus } from './corpus.ts';
import { fuzzTarget, inputOf, tryInput, type Target } from './fuzz-target.ts';
import { fuzzInThread } from './run-fuzz.ts';
import { TARGETS } from './targets.ts';

/** Number for `npm test`. `npm run fuzz` takes any number, with a new seed each time. */
const RUNS = 100_000;
const SEED = 20_260_301;
const SHARES = TARGETS.reduce((sum, { share }) => sum + share, 0);

const OPERATIONAL = new OperationalError('USAGE', { happened: 'No', remedy: 'Do' });

function planted(run: (input: Buffer) => void | Promise<void>): Target {
  return { name: 'planted', share: 1, pieces: ['needle', 'hay'], run };
}

describe('the fuzz harness', () => {
  const order = { seed: 1, first: 0, runs: 2_000 };

  it('finds an error that is no OperationalError, and makes its input small', async () => {
    const target = planted((input) => {
      if (input.includes('needle')) throw new TypeError('x of undefined');
      throw OPERATIONAL;
    });
    const [finding, ...others] = await fuzzTarget(target, [], order);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ what: 'TypeError: x of undefined', input: Buffer.from('needle') });
    expect(inputOf(1, finding!.run!, { corpus: [], pieces: target.pieces }).toString()).toContain('needle');
  });

  it('finds what a parser leaves in the prototype of all objects, and takes it out', async () => {
    const target = planted((input) => {
      if (input.includes('hay')) Object.assign(Object.getPrototypeOf({}) as object, { polluted: 1 });
    });
    const [finding] = await fuzzTarget(target, [], order);
    expect(finding?.what).toBe('prototype pollution: the key "polluted"');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('finds a rejected promise and an error without a message, and nothing where nothing is', async () => {
    expect(
      await tryInput(
        planted(() => Promise.reject(new RangeError('late'))),
        Buffer.from(''),
      ),
    ).toBe('RangeError: late');
    expect(
      await tryInput(
        planted(() => Promise.reject(OPERATIONAL)),
        Buffer.from(''),
      ),
    ).toBeNull();
    expect(await tryInput({ ...planted(() => void fail('')), accepts: () => true }, Buffer.from(''))).toMatch(
      /without/,
    );
  });

  it('makes the same input of the same seed and number, and others of others', () => {
    const make = (seed: number, run: number): string =>
      inputOf(seed, run, { corpus: [Buffer.from('a long enough text')], pieces: ['a'] }).toString('hex');
    expect(make(1, 2)).toBe(make(1, 2));
    expect(new Set(Array.from({ length: 100 }, (_, run) => make(1, run))).size).toBeGreaterThan(90);
    expect(make(2, 2)).not.toBe(make(1, 2));
  });
});

function fail(message: string): never {
  throw new Error(message);
}

describe.each(TARGETS)('$name', (target) => {
  afterAll(() => target.close?.());

  it('takes every kept input as it promises', async () => {
    const corpus = readCorpus(target.name);
    expect(corpus.length).toBeGreaterThan(0);
    for (const { name, input } of corpus) expect([name, await tryInput(target, input)]).toEqual([name, null]);
  });

  it('takes its share of 100,000 inputs with its own errors only, and comes to an end', async () => {
    const runs = Math.ceil((RUNS * target.share) / SHARES);
    expect(await fuzzInThread(target, { seed: SEED, first: 0, runs })).toEqual([]);
  });
});
