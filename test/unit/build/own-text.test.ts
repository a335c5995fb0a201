import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markBefore, markFormOf, markPrologue, ownTextOf } from '../../../agent/build/step/mark-form.ts';
import { withoutOwnText } from '../../../agent/build/step/own-text.ts';

const TARGET = { path: '/proc/7/fd/20', key: 'wip00' };
const PASSED_ON = { push: (data: Buffer) => [data], end: () => [] };

/** What such a text begins with. */
const STARTS = ['{ __', '( __', 'set '];

/** Whether a cut goes through the start of such a text. */
function isIn(output: Buffer, start: string, cut: number): boolean {
  return [1, 2, 3].some((bytes) => cut >= bytes && output.indexOf(start, cut - bytes) === cut - bytes);
}

/** What is left of these pieces of output. */
function left(commands: readonly string[], pieces: readonly Buffer[]): string {
  const form = markFormOf(commands);
  const reader = withoutOwnText(PASSED_ON, ownTextOf(markPrologue(TARGET, form), form));
  return Buffer.concat(
    [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()].map((part) => Buffer.from(part)),
  ).toString();
}

describe('the text of the tool in a script, as set -v shows it', () => {
  it.each([
    ['in place', ['echo a', 'echo ü']],
    ['in subshells', ['trap : DEBUG', 'echo ü']],
    ['of commands that read PIPESTATUS', ['a | b', 'echo ${PIPESTATUS[*]}']],
  ])('is left out however the output comes in pieces: %s', (_, commands) => {
    const form = markFormOf(commands);
    const shown = commands.map((command, index) => `${markBefore(commands, index, form)}${command}\n`).join('');
    const trapped = form.inTrap('__wip_exit "${BASH_LINENO[*]: -2:1}"');
    const output = Buffer.from(
      `${markPrologue(TARGET, form)}\n{ __w\n${shown}${trapped}\n{ __wip_other; }\nend { __wip_`,
    );
    const expected = `{ __w\n${commands.join('\n')}\n{ __wip_other; }\nend { __wip_`;
    fc.assert(
      fc.property(fc.array(fc.nat(output.length), { maxLength: 8 }), (cuts) => {
        // bash writes a line at once. Only a reader that is behind gets it in pieces, and none of them is that short.
        const isWhole = (cut: number): boolean => !STARTS.some((start) => isIn(output, start, cut));
        const ends = [0, ...cuts.filter(isWhole).sort((a, b) => a - b), output.length];
        const pieces = ends.slice(1).map((end, at) => output.subarray(ends[at], end));
        expect(left(commands, pieces)).toBe(expected);
      }),
    );
  });
});
