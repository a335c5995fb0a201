const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters that terminals draw two cells wide: East Asian scripts, full-width forms, emoji (Unicode TR 11). */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Returns how many cells of a terminal the text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += cellsOf(segment);
  return width;
}

/** Pads the text with blanks to this many cells. */
export function padTo(text: string, width: number): string {
  return `${text}${' '.repeat(Math.max(0, width - widthOf(text)))}`;
}

/** Cuts a text that is wider; the last cell is then an ellipsis. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    used += cellsOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept.trimEnd()}…`;
}

/** Breaks the text at blanks into lines of this width, and cuts what is left after `maxLines`. */
export function wrapTo(text: string, width: number, maxLines: number): string[] {
  const lines: string[] = [];
  let line = '';
  const words = text.split(' ');
  for (const [index, word] of words.entries()) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width || line === '') {
      line = longer;
      continue;
    }
    if (lines.length === maxLines - 1) return [...lines, cutTo([line, ...words.slice(index)].join(' '), width)];
    lines.push(line);
    line = word;
  }
  return [...lines, line].map((one) => cutTo(one, width));
}

function cellsOf(grapheme: string): number {
  return WIDE.test(grapheme) ? 2 : 1;
}
