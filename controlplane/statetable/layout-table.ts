import { instance } from '@viz-js/viz';
import { z } from 'zod';
import { drawDot } from './draw-dot.ts';
import { drawingOf } from './drawing.ts';
import type { StateTable } from './table.ts';

/** Where Graphviz places the states and rows of a table, in points; x grows to the right, y downwards. */
export interface PlacedTable {
  readonly width: number;
  readonly height: number;
  readonly nodes: { readonly state: string; x: number; y: number; width: number; height: number }[];
  readonly edges: {
    readonly from: string;
    readonly to: string;
    readonly values: string[];
    points: [number, number][];
  }[];
}

type Point = [number, number];
const Placed = z.object({
  bb: z.string(),
  objects: z.array(
    z.object({ name: z.string(), pos: z.string().optional(), width: z.string(), height: z.string() }).partial({
      width: true,
      height: true,
    }),
  ),
  edges: z.array(z.object({ tail: z.number(), head: z.number(), pos: z.string() })).default([]),
});
const POINTS_PER_INCH = 72;

/** Places a table as `table draw` does, for programs that draw it themselves. */
export async function layoutTable(table: StateTable): Promise<PlacedTable> {
  const graphviz = await instance();
  const placed = Placed.parse(graphviz.renderJSON(drawDot(table), { engine: 'dot' }));
  const [, , width = 0, height = 0] = placed.bb.split(',').map(Number);
  const drawing = drawingOf(table, []);
  const states = new Set(drawing.states.map(({ name }) => name));
  const down = ([x, y]: Point): Point => [round(x), round(height - y)];
  return {
    width: round(width),
    height: round(height),
    nodes: placed.objects.flatMap(({ name, pos, width: wide, height: high }) => {
      if (!states.has(name) || !pos) return [];
      const [x, y] = down(point(pos));
      return [{ state: name, x, y, width: inPoints(wide), height: inPoints(high) }];
    }),
    edges: placed.edges.flatMap(({ tail, head, pos }) => {
      const [from, to] = [placed.objects[tail]?.name ?? '', placed.objects[head]?.name ?? ''];
      if (!states.has(from)) return []; // the dot of the start
      const values = drawing.edges.filter((edge) => edge.from === from && edge.to === to).flatMap(({ rows }) => rows);
      return [{ from, to, values: values.map(({ value }) => value), points: spline(pos).map(down) }];
    }),
  };
}

/** Reads `e,x,y p1 p2 …` of Graphviz: the tip of the arrow is the last point. */
function spline(pos: string): Point[] {
  const parts = pos.split(' ');
  const points = parts.filter((part) => /^[\d.-]/.test(part)).map(point);
  const start = parts.find((part) => part.startsWith('s,'));
  const end = parts.find((part) => part.startsWith('e,'));
  return [...(start ? [point(start.slice(2))] : []), ...points, ...(end ? [point(end.slice(2))] : [])];
}

function point(text: string): Point {
  const [x = 0, y = 0] = text.split(',').map(Number);
  return [x, y];
}

function inPoints(inches: string | undefined): number {
  return round(Number(inches ?? 0) * POINTS_PER_INCH);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
