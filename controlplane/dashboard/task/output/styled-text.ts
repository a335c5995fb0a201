import Anser from 'anser';
import { lastOverwrite, plainText } from './output-rows.ts';
import { paletteColour, rgbColour } from './theme-colour.ts';

/** A part of a line in one style. */
export interface StyledPart {
  readonly text: string;
  /** Classes of log-row.css; only the colours of the theme, so that each is readable on it. */
  readonly classes: string;
}

const COLOURS: Readonly<Record<string, string>> = {
  red: 'a-r',
  green: 'a-g',
  yellow: 'a-y',
  blue: 'a-b',
  magenta: 'a-m',
  cyan: 'a-c',
  'bright-black': 'a-d',
};
/** Marks of the build tool, and the commands that it repeats before it runs them. */
const QUIET = /^(\$ |=== |--- .*: done in )/;

/** Splits a line at its colour codes. All other codes of terminals are left out. */
export function styledParts(line: string): StyledPart[] {
  const text = lastOverwrite(line);
  if (!text.includes('\u001b')) return [{ text, classes: QUIET.test(text) ? 'a-d' : '' }];
  return Anser.ansiToJson(text, { json: true, remove_empty: true, use_classes: true }).map(
    ({ content, fg, bg, fg_truecolor: fgRgb, bg_truecolor: bgRgb, decorations }) => ({
      text: plainText(content),
      classes: [
        colourOf(fg, fgRgb) || colourOf(bg, bgRgb),
        colourOf(bg, bgRgb) === '' ? '' : 'a-bg',
        decorations.includes('bold') ? 'a-1' : '',
        decorations.includes('dim') ? 'a-d' : '',
      ]
        .filter((name) => name !== '')
        .join(' '),
    }),
  );
}

/** The nearest colour of the theme: what a terminal can show beside the usual ones has no place of its own in it. */
function colourOf(name: string | null, rgb: string | null): string {
  if (name === null) return '';
  const [, index] = /^ansi-palette-(\d+)$/.exec(name) ?? [];
  if (index !== undefined) return paletteColour(Number(index));
  const [red = 0, green = 0, blue = 0] = rgb?.split(',').map(Number) ?? [];
  if (name === 'ansi-truecolor') return rgbColour([red, green, blue]);
  return COLOURS[name.replace(/^ansi-(bright-(?!black))?/, '')] ?? '';
}

/** Splits each part further where the searched text stands. */
export function markedParts(
  parts: readonly StyledPart[],
  wanted: string,
): (StyledPart & { readonly isHit: boolean })[] {
  const text = wanted.toLowerCase();
  if (text === '') return parts.map((part) => ({ ...part, isHit: false }));
  return parts.flatMap(({ text: whole, classes }) => {
    const found: (StyledPart & { readonly isHit: boolean })[] = [];
    let from = 0;
    const lower = whole.toLowerCase();
    for (let at = lower.indexOf(text); at >= 0; at = lower.indexOf(text, from)) {
      found.push({ text: whole.slice(from, at), classes, isHit: false });
      found.push({ text: whole.slice(at, at + text.length), classes, isHit: true });
      from = at + text.length;
    }
    return [...found, { text: whole.slice(from), classes, isHit: false }].filter((part) => part.text !== '');
  });
}
