import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  lastOverwrite,
  parseLineHash,
  plainText,
  rowsOf,
  searchLines,
  stderrRows,
  type OutputRows,
} from '../../../controlplane/dashboard/task/output/output-rows.ts';
import { OutputLines, type ReceivedPiece } from '../../../controlplane/dashboard/task/output/output-lines.ts';
import { markedParts, styledParts } from '../../../controlplane/dashboard/task/output/styled-text.ts';
import { LineHeights, shownText, sliceParts, wrapRows } from '../../../controlplane/dashboard/task/output/wrap-rows.ts';

function piece(data: string | Buffer, more: Partial<ReceivedPiece> = {}): ReceivedPiece {
  const at = '2026-11-28T10:00:00Z';
  const base64 = Buffer.from(data).toString('base64');
  return { attempt: 1, processId: 'p', stream: 'stdout', at, data: base64, omittedBefore: 0, ...more };
}

function storeOf(...pieces: ReceivedPiece[]): OutputLines {
  const store = new OutputLines();
  for (const one of pieces) store.append(one);
  return store;
}

const BUILD = [
  '',
  '=== build: step 1 of 3: prepare',
  'a',
  '--- prepare: done in 0.2 s, exit code 0',
  '',
  '=== build: step 2 of 3: test',
  'b',
  '--- test: failed after 1 m 2 s, exit code 3',
  '',
].join('\n');

describe('the lines of an output', () => {
  it('are the same however the output was cut into pieces', () => {
    const text = 'first\nzweite Zeile äöü 🚀\n\nlast';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 })), (cuts) => {
        const bytes = Buffer.from(text);
        const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
        const pieces = ends.map((end, index) => piece(bytes.subarray(ends[index - 1] ?? 0, end)));
        expect(storeOf(...pieces).texts).toEqual(text.split('\n'));
      }),
    );
  });

  it('are those of both streams in the order in which they began, and each stays whole', () => {
    const store = storeOf(piece('out be'), piece('err\n', { stream: 'stderr' }), piece('gan\n'));
    expect(store.texts).toEqual(['out began', 'err']);
    expect(store.kinds).toEqual(['stdout', 'stderr']);
  });

  it('say where bytes are missing, and how many in all', () => {
    const store = storeOf(piece('a\nb'), piece('c\n', { omittedBefore: 1200 }), piece('d\n', { omittedBefore: 5 }));
    expect(store.texts).toEqual(['a', 'b', '1200', 'c', '5', 'd']);
    expect(store.kinds.filter((kind) => kind === 'gap')).toHaveLength(2);
    expect(store.omittedBytes).toBe(1205);
  });
});

describe('the steps of an output', () => {
  it('are read from the marks of the build tool', () => {
    const { sections } = storeOf(piece(`${BUILD}\n`));
    expect(sections).toMatchObject([
      { event: 'build', number: 1, of: 3, name: 'prepare', from: 1, outcome: 'done', took: '0.2 s', exitCode: 0 },
      { number: 2, name: 'test', from: 5, outcome: 'failed', took: '1 m 2 s', exitCode: 3 },
    ]);
  });

  it('are not begun by what a command writes to stderr', () => {
    expect(storeOf(piece('=== build: step 1 of 1: x\n', { stream: 'stderr' })).sections).toEqual([]);
  });
});

describe('the rows of an output', () => {
  const store = storeOf(piece(`${BUILD}\n`));

  it('show a head before each step, and no lines of a folded one', () => {
    const rows = rowsOf(store, ({ outcome }) => outcome === 'done');
    const shown = Array.from({ length: rows.count }, (_, index) => rows.rowAt(index));
    expect(shown.map((row) => (row?.kind === 'head' ? row.section.name : row?.line))).toEqual([
      0,
      'prepare',
      'test',
      5,
      6,
      7,
      8,
    ]);
    expect(rows.rowAt(rows.count)).toBeUndefined();
  });

  it('lead from a line to its row, and to the head of its step while that is folded', () => {
    const rows = rowsOf(store, ({ outcome }) => outcome === 'done');
    for (let index = 0; index < rows.count; index += 1) {
      const row = rows.rowAt(index);
      if (row?.kind === 'line') expect(rows.rowOf(row.line)).toBe(index);
    }
    expect(rows.rowOf(2)).toBe(1);
  });

  it('can be those of stderr alone', () => {
    const mixed = storeOf(
      piece('a\n'),
      piece('e1\n', { stream: 'stderr' }),
      piece('b\n'),
      piece('e2\n', { stream: 'stderr' }),
    );
    const rows = stderrRows(mixed);
    expect([rows.count, rows.rowAt(0), rows.rowAt(1)]).toEqual([
      2,
      { kind: 'line', line: 1 },
      { kind: 'line', line: 3 },
    ]);
  });
});

describe('the search', () => {
  it('finds lines in whatever case, also where colours change within the word', () => {
    const store = storeOf(piece('An ERROR\nfine\n\u001b[31mer\u001b[1mror\u001b[0m here\n'));
    expect([...searchLines(store, 'Error')].filter((line) => line >= 0)).toEqual([0, 2]);
  });

  it('marks what it found', () => {
    expect(markedParts(styledParts('aXbxc'), 'x')).toMatchObject([
      { text: 'a', isHit: false },
      { text: 'X', isHit: true },
      { text: 'b', isHit: false },
      { text: 'x', isHit: true },
      { text: 'c', isHit: false },
    ]);
  });
});

describe('a line', () => {
  it('shows colours as those of the theme, and no other codes', () => {
    const parts = styledParts(
      '\u001b[32mok\u001b[0m \u001b[1;31mbad\u001b[0m\u001b[2K \u001b]8;;http://x\u0007link\u001b]8;;\u0007',
    );
    expect(parts.find(({ text }) => text === 'ok')?.classes).toBe('a-g');
    expect(parts.find(({ text }) => text === 'bad')?.classes).toBe('a-r a-1');
    expect(parts.map(({ text }) => text).join('')).toBe('ok bad link');
  });

  it('shows colours of 256, of any value and of the ground as the nearest of the theme', () => {
    const classesOf = (codes: string): string | undefined => styledParts(`\u001b[${codes}mx\u001b[0m`)[0]?.classes;
    expect(['38;5;196', '38;5;208', '38;5;46', '38;5;33', '38;5;240', '38;5;255', '38;5;9'].map(classesOf)).toEqual([
      ...['a-r', 'a-y', 'a-g', 'a-b', 'a-d', '', 'a-r'],
    ]);
    expect(['38;2;10;80;10', '38;2;255;0;200', '38;2;0;200;200'].map(classesOf)).toEqual(['a-g', 'a-m', 'a-c']);
    expect(['41', '48;5;46', '48;2;200;0;0', '37;41', '33;44'].map(classesOf)).toEqual([
      ...['a-r a-bg', 'a-g a-bg', 'a-r a-bg', 'a-r a-bg', 'a-y a-bg'],
    ]);
  });

  it('shows the last state of a progress bar', () => {
    expect(lastOverwrite('10 %\r50 %\r100 %\r')).toBe('100 %');
    expect(lastOverwrite('plain')).toBe('plain');
  });

  it('loses its codes for whoever copies it', () => {
    expect(plainText('\u001b[1;31mbad\u001b[0m news')).toBe('bad news');
  });

  it.each([
    ['#L14', { from: 13, to: 13 }],
    ['#L14-L20', { from: 13, to: 19 }],
    ['#L20-L14', { from: 19, to: 19 }],
    ['#L0', null],
    ['#states', null],
  ])('is meant by %s', (hash, lines) => expect(parseLineHash(hash)).toEqual(lines));
});

describe('long lines that are wrapped', () => {
  const wrapped = (store: OutputLines, columns: number): OutputRows =>
    wrapRows(
      rowsOf(store, () => false),
      store,
      columns,
      new LineHeights(columns),
    );

  it('take as many rows as they need, and a line is found at its first', () => {
    const store = storeOf(piece(`short\n${'x'.repeat(25)}\n\nlast\n`));
    const rows = wrapped(store, 10);
    const shown = Array.from({ length: rows.count }, (_, index) => rows.rowAt(index));
    expect(shown.map((row) => (row?.kind === 'line' ? [row.line, row.part?.from] : row?.kind))).toEqual([
      [0, 0],
      [1, 0],
      [1, 10],
      [1, 20],
      [2, 0],
      [3, 0],
    ]);
    expect([0, 1, 2, 3].map((line) => rows.rowOf(line))).toEqual([0, 1, 4, 5]);
    expect(rows.rowAt(6)).toBeUndefined();
  });

  it('are measured as they stand on the screen: without colour codes, with the spaces of tabs', () => {
    const heights = new LineHeights(10);
    const store = storeOf(piece(`\u001b[31m${'r'.repeat(10)}\u001b[0m\n\tabc\na\tb\n`));
    expect([0, 1, 2].map((line) => heights.of(store, line))).toEqual([1, 2, 1]);
    expect(shownText('a\tb')).toBe('a       b');
  });

  it('are measured again when a line has grown', () => {
    const heights = new LineHeights(4);
    const store = storeOf(piece('abc'));
    expect(heights.of(store, 0)).toBe(1);
    store.append(piece('def\n'));
    expect(heights.of(store, 0)).toBe(2);
  });

  it('keep their styles when they are cut', () => {
    const parts = [
      { text: 'abc', classes: 'a-r' },
      { text: 'def', classes: '' },
    ];
    expect(sliceParts(parts, 2, 5)).toEqual([
      { text: 'c', classes: 'a-r' },
      { text: 'de', classes: '' },
    ]);
    expect(sliceParts([{ text: '\tx' }], 8, 16)).toEqual([{ text: 'x' }]);
  });
});
