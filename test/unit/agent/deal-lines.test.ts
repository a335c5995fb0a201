import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dealLines, type NewText } from '../../../agent/process/output/deal-lines.ts';
import type { Runs } from '../../../agent/process/output/write-runs.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';

interface Case {
  readonly stdout?: string;
  readonly stderr?: string;
  /** What was written in the runs for certain; everything without it. */
  readonly sure?: Partial<Record<StreamName, number>>;
  readonly runs: Runs;
}

function deal({ stdout = '', stderr = '', sure = {}, runs }: Case): { written: string[]; left: string } {
  const texts = { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
  const newText = (stream: StreamName): NewText => ({
    text: texts[stream],
    sureBytes: sure[stream] ?? texts[stream].length,
  });
  const { parts, taken } = dealLines({ stdout: newText('stdout'), stderr: newText('stderr') }, runs);
  const at = { stdout: 0, stderr: 0 };
  const written = parts.map(({ stream, bytes }) => {
    at[stream] += bytes;
    return texts[stream].toString('utf8', at[stream] - bytes, at[stream]);
  });
  expect(at).toEqual(taken);
  return { written, left: texts.stdout.toString('utf8', at.stdout) + texts.stderr.toString('utf8', at.stderr) };
}

const line = (name: string, from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, at) => `${name}${from + at}\n`).join('');

describe('lines of two streams and the runs in which they were written', () => {
  it.each<readonly [string, Case, string]>([
    [
      'one each',
      { stdout: line('o', 1, 3), stderr: line('e', 1, 2), runs: { first: 'stdout', count: 5 } },
      'o1 e1 o2 e2 o3',
    ],
    [
      'stderr first',
      { stdout: line('o', 1, 2), stderr: line('e', 1, 2), runs: { first: 'stderr', count: 4 } },
      'e1 o1 e2 o2',
    ],
    [
      'two and one',
      { stdout: line('o', 1, 4), stderr: line('e', 1, 2), runs: { first: 'stdout', count: 4 } },
      'o1o2 e1 o3o4 e2',
    ],
    [
      'the last turn cut short',
      { stdout: line('o', 1, 5), stderr: line('e', 1, 2), runs: { first: 'stdout', count: 5 } },
      'o1o2 e1 o3o4 e2 o5',
    ],
    [
      'all in one turn',
      { stdout: line('o', 1, 3), stderr: line('e', 1, 1), runs: { first: 'stdout', count: 2 } },
      'o1o2o3 e1',
    ],
    ['one stream alone', { stderr: line('e', 1, 3), runs: { first: 'stderr', count: 1 } }, 'e1e2e3'],
    [
      'no turn known',
      { stdout: line('o', 1, 2), stderr: line('e', 1, 2), runs: { first: 'stdout', count: 0 } },
      'o1o2 e1e2',
    ],
    [
      'no turn of stderr known',
      { stdout: line('o', 1, 2), stderr: line('e', 1, 1), runs: { first: 'stdout', count: 1 } },
      'e1 o1o2',
    ],
    ['half a line', { stdout: 'o: ', stderr: line('e', 1, 1), runs: { first: 'stdout', count: 2 } }, 'o:  e1'],
    [
      'a line written in two',
      { stdout: 'o: ok\n', stderr: line('e', 1, 1), runs: { first: 'stdout', count: 3 } },
      'o: ok e1',
    ],
  ])('%s', (_what, given, expected) => {
    expect(deal(given)).toEqual({ written: expect.anything(), left: '' });
    expect(deal(given).written.join(' ').replaceAll('\n', '')).toBe(expected);
  });

  it('leaves lines to later runs that were written after these', () => {
    const runs: Runs = { first: 'stdout', count: 4 };
    const given = { stdout: line('o', 1, 4), stderr: line('e', 1, 3), sure: { stdout: 6, stderr: 3 }, runs };
    expect(deal(given)).toEqual({ written: ['o1\n', 'e1\n', 'o2\n', 'e2\n'], left: 'o3\no4\ne3\n' });
  });

  it('takes a line that is only perhaps of these runs when they would have none', () => {
    const given = { stdout: line('o', 1, 2), sure: { stdout: 0 }, runs: { first: 'stdout', count: 1 } } as const;
    expect(deal(given)).toEqual({ written: ['o1\n'], left: 'o2\n' });
  });

  it('restores the order of a program that writes single lines, wherever the readings of the sizes cut it', () => {
    const anyRun = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(
        anyRun,
        fc.nat(4),
        fc.nat(4),
        fc.constantFrom<StreamName>('stdout', 'stderr'),
        (count, o, e, first) => {
          const runs: Runs = { first, count };
          const turns = { stdout: 0, stderr: 0 };
          const order: string[] = [];
          for (let run = 0; run < count; run += 1) {
            const stream = (run % 2 === 0) === (first === 'stdout') ? 'stdout' : 'stderr';
            turns[stream] += 1;
            order.push(`${stream === 'stdout' ? 'o' : 'e'}${turns[stream]}\n`);
          }
          // Lines behind those of the runs were written between the last event and the reading.
          const text = (name: string, lines: number): string => (lines > 0 ? line(name, 1, lines) : '');
          const given = {
            stdout: text('o', turns.stdout + o),
            stderr: text('e', turns.stderr + e),
            sure: { stdout: text('o', turns.stdout).length, stderr: text('e', turns.stderr).length },
            runs,
          };
          expect(deal(given).written).toEqual(order);
        },
      ),
    );
  });

  it('never loses, repeats or changes a byte', () => {
    const text = fc.array(fc.constantFrom('a', 'bb\n', '\n', 'ccc'), { maxLength: 30 }).map((all) => all.join(''));
    const runs = fc.record({ first: fc.constantFrom<StreamName>('stdout', 'stderr'), count: fc.nat(40) });
    fc.assert(
      fc.property(text, text, fc.nat(100), fc.nat(100), runs, (stdout, stderr, one, other, some) => {
        const sure = { stdout: Math.min(one, stdout.length), stderr: Math.min(other, stderr.length) };
        const texts = { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
        const { parts, taken } = dealLines(
          {
            stdout: { text: texts.stdout, sureBytes: sure.stdout },
            stderr: { text: texts.stderr, sureBytes: sure.stderr },
          },
          some,
        );
        for (const stream of ['stdout', 'stderr'] as const) {
          const bytes = parts.reduce((sum, part) => sum + (part.stream === stream ? part.bytes : 0), 0);
          expect(bytes).toBe(taken[stream]);
          expect(bytes).toBeGreaterThanOrEqual(sure[stream]);
          expect(bytes).toBeLessThanOrEqual(texts[stream].length);
        }
      }),
    );
  });
});
