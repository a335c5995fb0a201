import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitColumns, type Column } from '../../../controlplane/cli/output/fit-columns.ts';
import { cutTo, padTo, widthOf, wrapTo } from '../../../controlplane/cli/output/text-width.ts';

type Row = readonly [id: string, group: string, title: string];
const COLUMNS: readonly Column<Row>[] = [
  { head: 'ID', cell: ([id]) => id, importance: 3 },
  { head: 'GROUP', cell: ([, group]) => group, importance: 1 },
  { head: 'TITLE', cell: ([, , title]) => title, importance: 2, leastWidth: 6 },
];
const ROWS: readonly Row[] = [
  ['1', 'nightly', 'Build of the long branch'],
  ['20', 'BuildSteps', 'Build of main'],
];

function fit(width: number, rows = ROWS): string[] {
  const { head, lines } = fitColumns(rows, COLUMNS, { width, paint: (_style, text) => text });
  return [head, ...lines];
}

describe('fitColumns', () => {
  it('shows everything where there is room', () => {
    expect(fit(60)).toEqual([
      'ID  GROUP       TITLE',
      '1   nightly     Build of the long branch',
      '20  BuildSteps  Build of main',
    ]);
  });

  it('cuts what may be cut before a column is left out', () => {
    expect(fit(24)).toEqual(['ID  GROUP       TITLE', '1   nightly     Build o…', '20  BuildSteps  Build o…']);
    expect(fit(21)).toEqual(['ID  TITLE', '1   Build of the lon…', '20  Build of main']);
    expect(fit(8)).toEqual(['ID', '1', '20']);
  });

  it('leaves out a column in which no row tells anything', () => {
    expect(fit(60, [['1', '-', 'a']])).toEqual(['ID  TITLE', '1   a']);
  });

  it('makes no line wider than the terminal', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((one) => one.replace(/\p{C}/gu, ''));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text, text), { minLength: 1 }),
        fc.integer({ min: 2, max: 120 }),
        (rows, width) => {
          for (const line of fit(width, rows)) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('the width of text', () => {
  it('counts two cells for what terminals draw wide', () => {
    expect(['abc', 'é', '日本', '🚀'].map(widthOf)).toEqual([3, 1, 4, 2]);
    expect(padTo('日本', 6)).toBe('日本  ');
    expect(cutTo('日本語', 4)).toBe('日…');
  });

  it('wraps at blanks and cuts what is too much', () => {
    expect(wrapTo('one two three four', 9, 3)).toEqual(['one two', 'three', 'four']);
    expect(wrapTo('one two three four', 9, 2)).toEqual(['one two', 'three fo…']);
    expect(wrapTo('a-very-long-word', 6, 2)).toEqual(['a-ver…']);
  });
});
