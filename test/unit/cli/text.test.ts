import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignColumns, indent, oneLine, paintFor, visible } from '../../../controlplane/cli/output/text.ts';
import { usageText } from '../../../controlplane/cli/output/task-end-sentence.ts';
import { MemorySink } from '../../kit/programs/command-line.ts';

describe('visible', () => {
  it('shows what would turn a text around, or break its line, as what it is', () => {
    expect(visible('safe\u202egpj.exe')).toBe('safe\\u202egpj.exe');
    expect(oneLine('\u2066a\u2069 \u200eb\u061c')).toBe('\\u2066a\\u2069 \\u200eb\\u061c');
    expect(visible('a\u2028b\u2029')).toBe('a\\u2028b\\u2029');
    expect(visible('שלום 👩‍👩‍👧 é')).toBe('שלום 👩‍👩‍👧 é');
  });

  it('leaves no control character but line breaks and tabs', () => {
    expect(visible('a\u001b[2Jb\r\n\tc')).toBe('a\\x1b[2Jb\\x0d\n\tc');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => /^[^\p{Cc}]*$/u.test(oneLine(text))));
  });
});

describe('paintFor', () => {
  it.each([
    ['a terminal', { columns: 80 }, {}, '\u001b[31mx\u001b[39m'],
    ['a pipe', undefined, {}, 'x'],
    ['a terminal with NO_COLOR', { columns: 80 }, { NO_COLOR: '1' }, 'x'],
    ['a dumb terminal', { columns: 80 }, { TERM: 'dumb' }, 'x'],
  ])('paints for %s', (_what, terminal, environment, painted) => {
    expect(paintFor(new MemorySink(terminal), environment)('red', 'x')).toBe(painted);
  });
});

describe('alignColumns', () => {
  it('pads to the longest cell and cuts the line at the terminal, never in a pipe', () => {
    const rows = [
      ['ID', 'WHY'],
      ['1234', 'because of a long story'],
    ];
    expect(alignColumns(rows, undefined)).toBe('ID    WHY\n1234  because of a long story\n');
    expect(alignColumns(rows, 12)).toBe('ID    WHY\n1234  becau…\n');
  });
});

describe('indent', () => {
  it('indents lines that have something', () => {
    expect(indent('a\n\nb', '  ')).toBe('  a\n\n  b');
  });
});

describe('usageText', () => {
  it('says what is unknown instead of showing nothing', () => {
    const unknown = { cpuSeconds: null, diskPeakBytes: null, outputBytes: null, outputOmittedBytes: null };
    const known = { wallSeconds: 75, diskWorkloadBytes: 2_100_000_000, memoryPeakBytes: null };
    expect(usageText({ ...unknown, ...known })).toBe('1 min 15 s, 2.1 GB of disk and an unknown amount of memory');
  });

  it('tells the disk at its peak, for a step may remove what it wrote', () => {
    const unknown = { cpuSeconds: null, outputBytes: null, outputOmittedBytes: null };
    const known = { wallSeconds: 75, diskPeakBytes: 2_100_000_000, diskWorkloadBytes: 0, memoryPeakBytes: 84_000_000 };
    expect(usageText({ ...unknown, ...known })).toBe('1 min 15 s, 2.1 GB of disk and 84 MB of memory');
  });
});
