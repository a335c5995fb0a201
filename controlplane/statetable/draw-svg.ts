import { instance } from '@viz-js/viz';
import { drawDot, FONT, type DrawOptions } from './draw-dot.ts';
import type { StateTable } from './table.ts';

// Substitutes for a missing font: one of the same width first, then narrower ones.
const FONT_FAMILY = `${FONT}, DejaVu Sans, Helvetica, Arial, sans-serif`;

/** Compiling the WebAssembly takes longer than drawing, so it is compiled once, for the first picture. */
let graphviz: ReturnType<typeof instance> | undefined;

/** Draws DOT text as SVG. Graphviz comes as WebAssembly in a package, so users need not install it. */
export async function drawSvg(table: StateTable, options: DrawOptions = {}): Promise<string> {
  graphviz ??= instance();
  const svg = (await graphviz).renderString(drawDot(table, options), { format: 'svg', engine: 'dot' });
  return svg.replaceAll(`font-family="${FONT}"`, `font-family="${FONT_FAMILY}"`);
}
