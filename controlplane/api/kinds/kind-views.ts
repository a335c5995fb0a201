import { z } from 'zod';
import { Count } from '../view-fields.ts';

export const KindsAnswer = z.object({ kinds: z.array(z.object({ kind: z.string() })) });
export type KindsAnswer = z.infer<typeof KindsAnswer>;

const TableRow = z.object({
  value: z.string(),
  target: z.string(),
  waitSeconds: Count,
  maxTimes: Count.describe('0: no limit.'),
  runsTarget: z.boolean().describe('False: the target is entered without its method, and asked again.'),
});

const TableState = z.object({
  name: z.string(),
  block: z.enum(['start', 'work', 'stop']).describe("The part of a task's life that it belongs to."),
  method: z.string().nullable().describe('The transition method; null for a state that answers nothing.'),
  timer: z.string(),
  rows: z.array(TableRow),
});

const Point = z.tuple([z.number(), z.number()]);

/** Where Graphviz places states and rows, in points; x grows to the right and y downwards. */
export const TableLayout = z.object({
  width: z.number(),
  height: z.number(),
  nodes: z
    .array(z.object({ state: z.string(), x: z.number(), y: z.number(), width: z.number(), height: z.number() }))
    .describe('`x` and `y` are those of the centre.'),
  edges: z
    .array(z.object({ from: z.string(), to: z.string(), values: z.array(z.string()), points: z.array(Point) }))
    .describe('`points` are those of a B-spline: the start, then three for each piece.'),
});
export type TableLayout = z.infer<typeof TableLayout>;

export const KindTableAnswer = z.object({
  kind: z.string().describe('Name of the kind.'),
  start: z.string().nullable().describe('The first state.'),
  states: z.array(TableState).describe('In the order of the table.'),
  layout: TableLayout.describe('Where a drawing places states and rows.'),
});
export type KindTableAnswer = z.infer<typeof KindTableAnswer>;
