import { instance } from '@viz-js/viz';
import { drawDot, FONT, type DrawOptions } from './draw-dot.ts';
import type { StateTable } from './table.ts';

// What to take where the font is missing: one as wide, then narrower ones.
const FONT_FAMILY = `${FONT}, DejaVu Sans, Helvetica, Arial, sans-serif`;

/** Compiling the WebAssembly takes longer than drawing, so it is done once, for the first picture. */
let graphviz: ReturnType<typeof instance> | undefined;

/** The table as a picture. Graphviz comes as WebAssembly with the package: nothing has to be installed. */
export async function drawSvg(table: StateTable, options: DrawOptions = {}): Promise<string> {
  graphviz ??= instance();
  const svg = (await graphviz).renderString(drawDot(table, options), { format: 'svg', engine: 'dot' });
  return svg.replaceAll(`font-family="${FONT}"`, `font-family="${FONT_FAMILY}"`);
}
