import { z } from 'zod';
import { Count } from '../view-fields.ts';

export const KindsAnswer = z.object({ kinds: z.array(z.object({ kind: z.string() })) });
export type KindsAnswer = z.infer<typeof KindsAnswer>;

const TableRow = z.object({
  value: z.string(),
  target: z.string(),
  waitSeconds: Count,
  /** 0: no limit. */
  maxTimes: Count,
  /** False: the target is entered without its method, and asked again. */
  runsTarget: z.boolean(),
});

const TableState = z.object({
  name: z.string(),
  /** The part of a task's life that it belongs to. */
  block: z.enum(['start', 'work', 'stop']),
  /** The transition method; null for a state that answers nothing. */
  method: z.string().nullable(),
  timer: z.string(),
  rows: z.array(TableRow),
});

const Point = z.tuple([z.number(), z.number()]);

/** Where Graphviz places states and rows, in points; x grows to the right and y downwards. */
export const TableLayout = z.object({
  width: z.number(),
  height: z.number(),
  /** `x` and `y` are those of the centre. */
  nodes: z.array(z.object({ state: z.string(), x: z.number(), y: z.number(), width: z.number(), height: z.number() })),
  /** `points` are those of a B-spline: the start, then three for each piece. */
  edges: z.array(z.object({ from: z.string(), to: z.string(), values: z.array(z.string()), points: z.array(Point) })),
});
export type TableLayout = z.infer<typeof TableLayout>;

export const KindTableAnswer = z.object({
  kind: z.string(),
  start: z.string().nullable(),
  states: z.array(TableState),
  layout: TableLayout,
});
export type KindTableAnswer = z.infer<typeof KindTableAnswer>;
