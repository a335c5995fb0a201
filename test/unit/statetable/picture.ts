/** A piece of text in a picture, with the space it takes. */
export interface Label {
  /** The name of its state or arrow in Graphviz: `a` or `a->b`. */
  readonly owner: string;
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly baseline: number;
}

// Width of a character of Verdana relative to its size, as the average of lower-case text. Capitals and bold are wider,
// i and l narrower. The value only has to tell whether texts overlap, so an estimate is enough.
const CHARACTER_WIDTH = 0.6;

const GROUP = /<g id="[^"]*" class="(?:node|edge)">\s*<title>([^<]*)<\/title>([^]*?)<\/g>/g;
const TEXT = /<text[^>]*text-anchor="(\w+)" x="([-\d.]+)" y="([-\d.]+)"[^>]*font-size="([\d.]+)"[^>]*>([^<]*)<\/text>/g;

function plain(text: string): string {
  return text
    .replaceAll(/&#160;/g, ' ')
    .replaceAll('&gt;', '>')
    .replaceAll(/&#45;/g, '-')
    .replaceAll('&amp;', '&');
}

/** Returns all texts of states and arrows in a picture made by Graphviz. */
export function labelsOf(svg: string): Label[] {
  return [...svg.matchAll(GROUP)].flatMap(([, title = '', body = '']) =>
    [...body.matchAll(TEXT)].map(([, anchor, x, y, size, text = '']) => {
      const [fontSize, baseline, width] = [
        Number(size),
        Number(y),
        plain(text).length * CHARACTER_WIDTH * Number(size),
      ];
      const left = anchor === 'middle' ? Number(x) - width / 2 : Number(x);
      const rest = {
        left,
        right: left + width,
        top: baseline - 0.75 * fontSize,
        bottom: baseline + 0.2 * fontSize,
        baseline,
      };
      return { owner: plain(title), text: plain(text), ...rest };
    }),
  );
}

/** Returns the pairs of texts that overlap. */
export function overlapsOf(labels: readonly Label[]): string[] {
  return labels.flatMap((one, index) =>
    labels
      .slice(index + 1)
      .filter((other) => one.left < other.right && other.left < one.right)
      .filter((other) => one.top < other.bottom && other.top < one.bottom)
      // One line in two colours is two texts. Graphviz sets one after the other, but the widths here are estimates.
      .filter((other) => one.owner !== other.owner || Math.abs(one.baseline - other.baseline) > 0.5)
      .map((other) => `"${one.text}" of ${one.owner} and "${other.text}" of ${other.owner}`),
  );
}
