/** A piece of text in a picture, with the space it takes. */
export interface Label {
  /** The state or arrow it belongs to, as Graphviz calls it: `a` or `a->b`. */
  readonly owner: string;
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly baseline: number;
}

// Width of a character of Verdana by its size, on the average of lower-case text; capitals and bold are wider, i and
// l narrower. Only whether texts lie over one another is asked, so near is near enough.
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

/** All texts of states and arrows in a picture that Graphviz has made. */
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

/** Pairs of texts that share some space. */
export function overlapsOf(labels: readonly Label[]): string[] {
  return labels.flatMap((one, index) =>
    labels
      .slice(index + 1)
      .filter((other) => one.left < other.right && other.left < one.right)
      .filter((other) => one.top < other.bottom && other.top < one.bottom)
      // Words of one line in two inks: Graphviz sets them one after the other, and here their widths are guesses.
      .filter((other) => one.owner !== other.owner || Math.abs(one.baseline - other.baseline) > 0.5)
      .map((other) => `"${one.text}" of ${one.owner} and "${other.text}" of ${other.owner}`),
  );
}
