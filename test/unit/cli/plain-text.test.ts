import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlainText } from '../../../controlplane/cli/output/plain-text.ts';

function plain(...pieces: readonly (string | Uint8Array)[]): string {
  const text = new PlainText();
  return pieces.map((piece) => text.push(Buffer.from(piece as string))).join('') + text.end();
}

describe('the plain text of output', () => {
  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m, \u001b[38;5;196mred\u001b[m', 'red, red'],
    ['colours of 8-bit controls', '\u009b31mred', 'red'],
    ['a link and a title', '\u001b]8;;http://x\u001b\\link\u001b]8;;\u0007\u001b]0;title\u0007!', 'link!'],
    ['a string that its line ends', '\u001b]0;never ended\nnext', '\nnext'],
    ['a character set and the keypad', '\u001b(Ba\u001b=b\u001b7c', 'abc'],
    ['a bell, a backspace and NUL', 'a\u0007b\bc\u0000d', 'abcd'],
    ['progress on one line', '10%\r20%\r\n30%\r', '10%\n20%\n30%\n'],
    ['CRLF, also doubled', 'a\r\nb\r\r\nc\n', 'a\nb\nc\n'],
    ['a sequence that is broken off', '\u001b[31\nred', '\nred'],
    ['text of other scripts, tabs and blanks', 'é\t日本 🎉\n', 'é\t日本 🎉\n'],
  ])('has no %s', (_what, written, shown) => {
    expect(plain(written)).toBe(shown);
  });

  it('shows bytes that are no UTF-8 as such', () => {
    expect(plain(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
  });

  it('is the same however the bytes were cut, and holds no control characters', () => {
    const unit = fc.constantFrom(...'ab \n\r\t\u001b[]31;m\\\u0007\u009b\u0090é🎉(='.match(/./gsu)!);
    fc.assert(
      fc.property(fc.string({ unit }), fc.nat(40), (written, cut) => {
        const bytes = Buffer.from(written);
        const whole = plain(bytes);
        expect(plain(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(whole);
        expect(whole).toMatch(/^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$/);
      }),
    );
  });
});
