import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText, wrapWithin } from '../../../controlplane/cli/output/wrap-text.ts';

describe('text on a terminal', () => {
  it('is broken at blanks, behind its indentation, and not at all in a pipe', () => {
    const text = 'one two three four five six seven';
    expect(wrapWithin(text, 30, 6)).toBe('one two three four five\n      six seven');
    expect(wrapWithin(text, undefined, 6)).toBe(text);
  });

  it('has no line that is too long, and loses nothing but blanks', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 50 }));
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 60 }), (given, width) => {
        const lines = wrapText(given.join(' '), width);
        expect(lines.every((line) => line.length <= width)).toBe(true);
        expect(lines.join('')).toBe(lines.join('').replaceAll('\n', ''));
        expect(lines.join('').replaceAll(' ', '')).toBe(given.join(''));
      }),
    );
  });
});
