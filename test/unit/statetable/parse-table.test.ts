import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { printStateTable } from '../../kit/print-table.ts';
import { seededRandom, type Random } from '../../../controlplane/statetable/seeded-random.ts';
import { formatProblem, StateTableError, type TableProblem } from '../../../controlplane/statetable/table-error.ts';
import type { StateTable } from '../../../controlplane/statetable/table.ts';
import { anyTable, withoutPositions } from './any-table.ts';

function problemsOf(text: string): readonly TableProblem[] {
  try {
    parseStateTable(text);
    return [];
  } catch (error) {
    if (error instanceof StateTableError) return error.problems;
    throw error;
  }
}

/** Returns `code@line:column` of every problem. */
function placesOf(text: string): string[] {
  return problemsOf(text).map(({ code, line, column }) => `${code}@${line}:${column}`);
}

const PIECES = [
  ...'{}:[]=#*! \t\n\r\0\uFEFF\u00A0é\u2028\uD800',
  'a',
  'b {',
  '\n}\n',
  'wait=',
  '-1',
  '3',
  'exec=',
  'x y',
  '__proto__',
];

/** Generates pieces of tables in any order, with a random character now and then. */
function anyText(random: Random): string {
  const pieces = Array.from({ length: Math.floor(random() * 30) }, () => {
    const isPiece = random() < 0.9;
    return isPiece
      ? PIECES[Math.floor(random() * PIECES.length)]!
      : String.fromCharCode(Math.floor(random() * 2 ** 16));
  });
  return pieces.join('');
}

describe('parseStateTable', () => {
  it('reads a whole table with positions', () => {
    const table = parseStateTable(
      '# why\nlimit = 30 s\nstart:check [user] {\n  ok finish wait=30 max=3 exec=false # soon\n}\n',
    );
    expect(table).toEqual({
      startState: 'start',
      variables: { limit: '30 s' },
      states: [
        {
          name: 'start',
          transitionMethod: 'check',
          timer: 'user',
          line: 3,
          column: 1,
          transitions: [{ value: 'ok', target: 'finish', waitSeconds: 30, max: 3, exec: false, line: 4, column: 3 }],
        },
      ],
    });
  });

  it('reports every mistake of a table, in the order of its lines', () => {
    const text =
      'a {\n  * finish wait=x max=-1\n  lonely\n  ok b{\n  ok finish exec=maybe retry=2\nb:m {\n}\n}\nwhat\n';
    expect(placesOf(text)).toEqual([
      'option-not-integer@2:12',
      'option-not-integer@2:19',
      'malformed-row@3:3',
      'target-syntax@4:6',
      'exec-not-boolean@5:13',
      'unknown-option@5:24',
      'unterminated-block@6:1',
      'unrecognized-input@8:1',
      'unrecognized-input@9:1',
    ]);
  });

  it('names both lines of a state or a value that is there twice', () => {
    const problems = problemsOf('a {\n  x b\n  x c\n}\nb {\n}\na {\n}\n');
    expect(problems.map((problem) => problem.code)).toEqual(['duplicate-value', 'duplicate-state']);
    expect(problems[0]!.message).toContain('in line 2 and in line 3');
    expect(problems[1]!.message).toContain('in line 1 and in line 7');
  });

  it('shows the line with a caret and says what was expected', () => {
    const [problem] = problemsOf('a {\n\t* finish wait=soon\n}\n');
    expect(formatProblem(problem!)).toBe(
      [
        'line 2, column 11: wait cannot be "soon" [option-not-integer]',
        '\t* finish wait=soon',
        '\t         ^',
        'Expected: a whole number from 0 to 2147483648 directly after `wait=`',
      ].join('\n'),
    );
  });

  it('points at what is wrong in a header, once: its rows and its end are read all the same', () => {
    expect(placesOf('a:m [my timer] {\n  ok finish\n  no finish wait=x\n}\n')).toEqual([
      'unrecognized-input@1:5',
      'option-not-integer@3:13',
    ]);
    expect(placesOf('  a: {\n}')).toEqual(['unrecognized-input@1:6']);
    expect(placesOf('a b:m {\n}')).toEqual(['unrecognized-input@1:3']);
    expect(placesOf('a\n{\n  ok finish\n}')).toEqual(['unrecognized-input@1:1', 'unrecognized-input@2:1']);
  });

  it('finds one mistake in a blank after the = of an option, and says how it is written', () => {
    const problems = problemsOf('a {\n  * finish wait= 30 max=3\n  ok finish wait = 30\n}');
    expect(problems.map(({ message, expected }) => `${message}: ${expected}`)).toEqual([
      'There is a blank after "wait=": `wait=30` without it',
      'There is a blank after "wait=": `wait=30` without it',
    ]);
  });

  it('shows the line in which the end of a block has more behind it', () => {
    const [problem] = problemsOf('a {\n  * finish\n} end\nb {\n}');
    expect(problem!.expected).toBe('`}` alone on a line before the next block: in line 3 there is more behind it');
  });

  it('does not let control characters of a table act on the terminal', () => {
    const [problem] = problemsOf('a {\n  \u001b[2J\r x\ty\n}');
    const [, excerpt, caret] = formatProblem(problem!).split('\n');
    expect(formatProblem(problem!)).not.toMatch(/[\u001b\r]/);
    expect(excerpt!.indexOf('y')).toBe(caret!.indexOf('^'));
  });

  it('cuts a very long line around the column', () => {
    const [problem] = problemsOf(`a {\n  ${'x'.repeat(5000)} finish wait=soon\n}\n`);
    expect(formatProblem(problem!).split('\n')[1]!.length).toBeLessThanOrEqual(100);
  });

  it('takes a line that is a header for a header, even with = in it', () => {
    expect(parseStateTable('a=b {\n}\nkey = c {\n').states.map((state) => state.name)).toEqual(['a=b']);
  });

  it('skips a byte order mark and takes a no-break space for white space', () => {
    expect(parseStateTable('\ufeffa\u00a0{\n\u00a0*\u00a0finish\n}').states[0]).toMatchObject({ name: 'a' });
  });

  it('is a TABLE_SYNTAX error in two sentences', () => {
    expect(() => parseStateTable('')).toThrowError(
      expect.objectContaining({
        code: 'TABLE_SYNTAX',
        message: expect.stringMatching(/^The state table .*\. Expected: /),
      }),
    );
  });

  it('throws nothing but its own class on 100,000 random texts', () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    // Nine in ten of these texts are refused. Without this line most of the time would go into stack traces.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit));
    for (let count = 0; count < 100_000; count += 1) {
      const text = anyText(random);
      try {
        problemsOf(text);
      } catch (error) {
        throw new Error(`seed ${seed}, text ${count}: ${JSON.stringify(text)}`, { cause: error });
      }
    }
  });

  it('reads back what it prints', () => {
    fc.assert(
      fc.property(anyTable(), (table) => {
        const read: StateTable = parseStateTable(printStateTable(table));
        expect(withoutPositions(read)).toEqual(withoutPositions(table));
      }),
    );
  });

  it('reads back the print of whatever it could read, also of a table without states', () => {
    expect(parseStateTable(printStateTable(parseStateTable('# nothing yet')))).toMatchObject({ states: [] });
    const random = seededRandom(7);
    let read = 0;
    for (let count = 0; count < 20_000; count += 1) {
      const text = anyText(random);
      if (problemsOf(text).length > 0) continue;
      const table = parseStateTable(text);
      expect(withoutPositions(parseStateTable(printStateTable(table)))).toEqual(withoutPositions(table));
      read += 1;
    }
    expect(read).toBeGreaterThan(500);
  });

  it('reads a megabyte of one line without looking at it again and again', () => {
    expect(placesOf(`a${' '.repeat(1_000_000)}x`)).toEqual(['unrecognized-input@1:1']);
    expect(placesOf(`a {\n x ${' '.repeat(1_000_000)}y ${'='.repeat(100_000)}\n}`)).toHaveLength(1);
  });
});
