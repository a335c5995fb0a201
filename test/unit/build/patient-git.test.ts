import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRetryMs, patientGit } from '../../../agent/build/git/patient-git.ts';
import type { GitResult } from '../../../agent/build/git/git.ts';
import { GIT_FAILURES, type GitFailureKind } from '../../../shared/protocol/git-failure.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';

const REFUSED: GitResult = { exitCode: 128, stdout: '', stderr: 'fatal: unable to connect: Connection refused\n' };
const DENIED: GitResult = { exitCode: 128, stdout: '', stderr: 'git@h: Permission denied (publickey).\r\n' };
const GOOD: GitResult = { exitCode: 0, stdout: 'main', stderr: '' };

async function run(results: readonly GitResult[]): Promise<{ result: GitResult; notes: string[]; sleptMs: number[] }> {
  const [left, notes, clock] = [[...results], [] as string[], new HastyClock()];
  const git = patientGit(
    { abort: new AbortController().signal, clock, random: () => 0.5 },
    () => Promise.resolve(left.shift()!),
    'git@h:x',
    { onRetry: (line) => notes.push(line), onRecovered: (line) => notes.push(line) },
  );
  const result = await git(['ls-remote']);
  expect(left).toEqual([]);
  return { result, notes, sleptMs: clock.sleptMs };
}

describe('git with patience', () => {
  it('asks a server that refuses five times, and says so each time', async () => {
    const { result, notes, sleptMs } = await run([REFUSED, REFUSED, REFUSED, REFUSED, REFUSED]);
    expect(result).toEqual({ ...REFUSED, tries: 5 });
    expect(sleptMs).toEqual([1_500, 3_000, 6_000, 12_000]);
    expect(notes).toHaveLength(4);
    expect(notes[0]).toBe(
      'The repository git@h:x does not answer: fatal: unable to connect: Connection refused; trying again in 1.5 s, try 2 of 5',
    );
  });

  it('says when a later try was answered', async () => {
    const { result, notes } = await run([REFUSED, GOOD]);
    expect(result).toMatchObject({ exitCode: 0 });
    expect(notes.at(-1)).toMatch(/Connection refused; it answered at try 2 of 5$/);
  });

  it('does not ask again what another try cannot heal', async () => {
    expect(await run([DENIED])).toMatchObject({ result: DENIED, notes: [], sleptMs: [] });
  });

  it.each(Object.keys(GIT_FAILURES) as GitFailureKind[])('tries %s again only when a server may come back', (kind) => {
    const waitMs = decideRetryMs(kind, { tries: 1, elapsedMs: 0 }, () => 0);
    expect(waitMs).toBe(['unreachable', 'server-error'].includes(kind) ? 1_000 : null);
  });

  it('begins no try later than three minutes after the first one', () => {
    const inputs = [fc.integer({ min: 1, max: 10 }), fc.nat(400_000), fc.double({ min: 0, max: 0.999, noNaN: true })];
    fc.assert(
      fc.property(
        ...(inputs as [(typeof inputs)[0], (typeof inputs)[1], (typeof inputs)[2]]),
        (tries, elapsedMs, chance) => {
          const waitMs = decideRetryMs('unreachable', { tries, elapsedMs }, () => chance);
          if (waitMs === null) return;
          expect(tries).toBeLessThan(5);
          expect(elapsedMs + waitMs).toBeLessThanOrEqual(180_000);
        },
      ),
    );
  });
});
