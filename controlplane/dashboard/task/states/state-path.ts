import type { StepView } from '../../../api/tasks/recording/task-recording-views.ts';

/** A state that the task has entered. */
interface VisitedState {
  readonly name: string;
  visits: number;
  /** In all visits; the last goes on until `nowMs`. */
  seconds: number;
  readonly x: number;
  readonly y: number;
}

export interface TakenEdge {
  readonly from: VisitedState;
  readonly to: VisitedState;
  /** The values that led along it, with how often each did. */
  readonly values: ReadonlyMap<string, number>;
}

export interface StatePath {
  readonly states: readonly VisitedState[];
  readonly edges: readonly TakenEdge[];
  readonly last: VisitedState | undefined;
  readonly width: number;
  readonly height: number;
}

const ROWS = 8;
const COLUMN_PX = 278;
const ROW_PX = 30;
const LEFT_PX = 18;
const TOP_PX = 22;

/** The way that a task took, in columns from left to right, in the order in which it first entered each state. */
export function takenPath(steps: readonly StepView[], endMs: number): StatePath {
  const states = new Map<string, VisitedState>();
  const edges = new Map<string, TakenEdge & { values: Map<string, number> }>();
  steps.forEach((step, index) => {
    const position = states.size;
    const state = states.get(step.to) ?? {
      name: step.to,
      visits: 0,
      seconds: 0,
      x: LEFT_PX + Math.floor(position / ROWS) * COLUMN_PX,
      y: TOP_PX + (position % ROWS) * ROW_PX,
    };
    states.set(step.to, state);
    const from = step.from === null ? undefined : states.get(step.from);
    if (step.to !== step.from || state.visits === 0) state.visits += 1;
    const next = steps[index + 1];
    state.seconds += Math.max(0, (next ? Date.parse(next.at) : endMs) - Date.parse(step.at)) / 1000;
    if (!from || from === state) return;
    const key = `${from.name}\n${state.name}`;
    const edge = edges.get(key) ?? { from, to: state, values: new Map<string, number>() };
    const value = step.value ?? '*';
    edge.values.set(value, (edge.values.get(value) ?? 0) + 1);
    edges.set(key, edge);
  });
  const all = [...states.values()];
  return {
    states: all,
    edges: [...edges.values()],
    last: states.get(steps.at(-1)?.to ?? ''),
    width: Math.max(1, Math.ceil(all.length / ROWS)) * COLUMN_PX,
    height: TOP_PX * 2 + (Math.min(all.length, ROWS) - 1) * ROW_PX + 14,
  };
}

/** The line of an edge: down to the next row, over to the next column, or in a bow to a state elsewhere. */
export function edgeLine({ from, to }: TakenEdge, bottom: number): string {
  const isBelow = from.x === to.x && to.y - from.y === ROW_PX;
  if (isBelow) return `M${from.x} ${from.y}V${to.y}`;
  if (from.x === to.x) {
    const out = from.x - 9;
    return `M${from.x} ${from.y}C${out} ${from.y} ${out} ${from.y} ${out} ${(from.y + to.y) / 2}S${out} ${to.y} ${to.x} ${to.y}`;
  }
  const between = to.x - 21;
  return `M${from.x} ${from.y}V${bottom - 8}Q${from.x} ${bottom} ${from.x + 8} ${bottom}H${between - 8}Q${between} ${bottom} ${between} ${bottom - 8}V${to.y + 8}Q${between} ${to.y} ${between + 8} ${to.y}H${to.x}`;
}
