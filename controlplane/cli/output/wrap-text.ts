// On a narrow terminal words are broken rather than printed letter by letter.
const LEAST_WIDTH = 20;

/** Breaks text at blanks into lines of at most `width` characters. A longer word is broken anywhere. */
export function wrapText(text: string, width: number): string[] {
  const room = Math.max(LEAST_WIDTH, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length <= room) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    for (; line.length > room; line = line.slice(room)) lines.push(line.slice(0, room));
  }
  return [...lines, line];
}

/** The text on lines of the width of the terminal, all but the first indented; on one line where there is no terminal. */
export function wrapWithin(text: string, columns: number | undefined, indentation: number): string {
  if (columns === undefined) return text;
  return wrapText(text, columns - indentation).join(`\n${' '.repeat(indentation)}`);
}
