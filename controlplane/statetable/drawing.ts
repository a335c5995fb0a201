import type { RecordedStep } from './recording.ts';
import { ERROR_VALUE, FAILURE, FINISH, findRow, rowFor, type StateBlock, type StateTable } from './table.ts';
import type { Transition } from './table.ts';

export interface DrawnStep extends RecordedStep {
  /** How long the task stayed in the state after this step; absent when it was not measured. */
  readonly seconds?: number;
}

/** A row as it is drawn. */
export interface DrawnRow {
  readonly value: string;
  readonly waitSeconds: number;
  readonly max: number;
  readonly exec: boolean;
  /** How often the recording took it. */
  readonly taken: number;
}

export interface DrawnState {
  readonly name: string;
  /** The timer of the state; null for `finish` without a block. */
  readonly block: StateBlock | null;
  /**
   * Rows that lead back to the state. They are written into its box, because a dozen loops at one box hide each other.
   */
  readonly loops: readonly DrawnRow[];
  /** The `!` row to `failure`. Most states have one, and an arrow for each would hide everything else. */
  readonly failureRow: DrawnRow | null;
  readonly visits: number;
  readonly seconds: number;
}

/** All rows of one kind from one state to another. */
export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  /** `built-in`: the recording went this way although the table has no such row. */
  readonly kind: 'row' | 'error' | 'built-in';
  readonly rows: readonly DrawnRow[];
}

/** The content of a picture of a table, independent of the drawing program. */
export interface Drawing {
  readonly states: readonly DrawnState[];
  readonly edges: readonly DrawnEdge[];
  readonly timers: readonly string[];
  readonly startState: string | null;
  readonly hasRecording: boolean;
}

/** Joins two names to one key. Names hold no line ends, so a line end separates them. */
function keyOf(from: string, value: string, to: string): string {
  return `${from}\n${value}\n${to}`;
}

/** Returns the row that a step took: after an error the `!` row, whatever the answer was. */
function rowOf(block: StateBlock | undefined, step: DrawnStep): Transition | undefined {
  const isAnswer = step.way === 'row' && step.value !== null;
  return isAnswer ? rowFor(block, step.value) : findRow(block, ERROR_VALUE);
}

/** How often and how long a recording was in each state, and how often it took each row. */
class Path {
  readonly visits = new Map<string, number>();
  readonly seconds = new Map<string, number>();
  /** Steps without a row in the table: requests to terminate, and errors that the built-in row led to `failure`. */
  readonly builtIn = new Map<string, { from: string; value: string; to: string; taken: number }>();
  private readonly takes = new Map<string, number>();

  constructor(table: StateTable, recording: readonly DrawnStep[]) {
    const blocks = new Map(table.states.map((block) => [block.name, block]));
    for (const step of recording) {
      this.visits.set(step.to, (this.visits.get(step.to) ?? 0) + 1);
      this.seconds.set(step.to, (this.seconds.get(step.to) ?? 0) + (step.seconds ?? 0));
      if (step.from !== null) this.take(step.from, step, rowOf(blocks.get(step.from), step));
    }
  }

  taken(block: StateBlock, row: Transition): number {
    return this.takes.get(keyOf(block.name, row.value, row.target)) ?? 0;
  }

  private take(from: string, step: DrawnStep, row: Transition | undefined): void {
    const value = row?.value ?? step.value ?? '';
    const key = keyOf(from, value, step.to);
    if (row?.target === step.to) this.takes.set(key, (this.takes.get(key) ?? 0) + 1);
    else this.builtIn.set(key, { from, value, to: step.to, taken: (this.builtIn.get(key)?.taken ?? 0) + 1 });
  }
}

function isErrorToFailure(block: StateBlock, row: Transition): boolean {
  return row.value === ERROR_VALUE && row.target === FAILURE && block.name !== FAILURE;
}

/** Returns the arrows of a state. Rows to the same target share one arrow; error rows have their own. */
function edgesFrom(block: StateBlock, path: Path): DrawnEdge[] {
  const edges = new Map<string, DrawnEdge & { rows: DrawnRow[] }>();
  for (const row of block.transitions) {
    const taken = path.taken(block, row);
    if (row.target === block.name || (isErrorToFailure(block, row) && taken === 0)) continue;
    const kind = row.value === ERROR_VALUE ? 'error' : 'row';
    const key = keyOf(kind, row.exec ? 'run' : 'wait', row.target);
    const edge = edges.get(key) ?? { from: block.name, to: row.target, kind, rows: [] };
    edge.rows.push({ ...row, taken });
    edges.set(key, edge);
  }
  return [...edges.values()];
}

function builtInEdges(path: Path): DrawnEdge[] {
  return [...path.builtIn.values()].map(({ from, value, to, taken }) => {
    const row = { value, waitSeconds: 0, max: 0, exec: true, taken };
    return { from, to, kind: 'built-in', rows: [row] };
  });
}

function stateOf(name: string, block: StateBlock | null, path: Path): DrawnState {
  const rows = (block?.transitions ?? []).map((row) => ({ row, drawn: { ...row, taken: path.taken(block!, row) } }));
  const failure = rows.find(({ row, drawn }) => isErrorToFailure(block!, row) && drawn.taken === 0);
  return {
    name,
    block,
    loops: rows.filter(({ row }) => row.target === name).map(({ drawn }) => drawn),
    failureRow: failure?.drawn ?? null,
    visits: path.visits.get(name) ?? 0,
    seconds: path.seconds.get(name) ?? 0,
  };
}

/** Decides what a picture of a table shows, and which parts of it the recording has used. */
export function drawingOf(table: StateTable, recording: readonly DrawnStep[] = []): Drawing {
  const path = new Path(table, recording);
  const blocks = table.states.filter((block) => block.name !== FINISH);
  const missing = blocks.flatMap((block) => block.transitions.map((row) => row.target));
  const named = new Set(blocks.map((block) => block.name));
  const ghosts = [...new Set(missing)].filter((name) => name !== FINISH && !named.has(name));
  return {
    states: [
      ...blocks.map((block) => stateOf(block.name, block, path)),
      ...[FINISH, ...ghosts].map((name) => stateOf(name, null, path)),
    ],
    edges: [...blocks.flatMap((block) => edgesFrom(block, path)), ...builtInEdges(path)],
    timers: [...new Set(blocks.map((block) => block.timer))],
    startState: table.startState,
    hasRecording: recording.length > 0,
  };
}
