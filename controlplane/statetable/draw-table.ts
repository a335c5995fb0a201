import type { RecordedStep } from './recording.ts';
import { ERROR_VALUE, FAILURE, FINISH, findRow, rowFor, TERMINATE, type StateBlock } from './table.ts';
import type { StateTable, Transition } from './table.ts';

export interface DrawnStep extends RecordedStep {
  /** How long the task then stayed in the state; left out where nobody measured it. */
  readonly seconds?: number;
}

export interface DrawOptions {
  /** The path to highlight, with counts and times. */
  readonly recording?: readonly DrawnStep[];
}

// Pale fills on which black text stays readable (contrast above 15:1); a timer keeps its colour within a drawing.
const TIMER_FILLS = ['#ffffff', '#dbeafe', '#dcfce7', '#fef9c3', '#fce7f3', '#ede9fe', '#ffedd5', '#e0f2fe'];
const TAKEN_COLOUR = '#b45309';
const ERROR_COLOUR = '#b91c1c';

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function attributes(pairs: Readonly<Record<string, string>>): string {
  const written = Object.entries(pairs).map(([name, value]) => `${name}=${quoted(value)}`);
  return `[${written.join(', ')}]`;
}

/** What a recording says of states and rows: how often, how long. */
class Path {
  readonly visits = new Map<string, number>();
  readonly seconds = new Map<string, number>();
  readonly takes = new Map<string, number>();

  constructor(table: StateTable, recording: readonly DrawnStep[]) {
    const blocks = new Map(table.states.map((block) => [block.name, block]));
    for (const step of recording) {
      this.visits.set(step.to, (this.visits.get(step.to) ?? 0) + 1);
      this.seconds.set(step.to, (this.seconds.get(step.to) ?? 0) + (step.seconds ?? 0));
      if (step.from === null) continue;
      const key = edgeKey(step.from, rowOf(blocks.get(step.from), step)?.value ?? step.value ?? '', step.to);
      this.takes.set(key, (this.takes.get(key) ?? 0) + 1);
    }
  }
}

/** Names hold no line ends, so one keeps them apart. */
function edgeKey(from: string, value: string, to: string): string {
  return `${from}\n${value}\n${to}`;
}

/** The row a step took: after an error it is the `!` row, whatever the answer was. */
function rowOf(block: StateBlock | undefined, step: DrawnStep): Transition | undefined {
  const isAnswer = step.way === 'row' && step.value !== null;
  return isAnswer ? rowFor(block, step.value) : findRow(block, ERROR_VALUE);
}

function times(count: number | undefined): string {
  return count === undefined ? '' : `\n${count}×`;
}

function stateLabel(block: StateBlock, path: Path): string {
  const seconds = path.seconds.get(block.name) ?? 0;
  return `${block.name}${times(path.visits.get(block.name))}${seconds === 0 ? '' : ` ${seconds} s`}`;
}

function shapeOf(block: StateBlock, table: StateTable): string {
  if (block.name === table.startState) return 'house';
  if (block.name === FAILURE) return 'octagon';
  return block.name === TERMINATE ? 'invhouse' : 'box';
}

function drawState(block: StateBlock, table: StateTable, fills: ReadonlyMap<string, string>, path: Path): string {
  const pairs = {
    label: stateLabel(block, path),
    shape: shapeOf(block, table),
    fillcolor: fills.get(block.timer) ?? TIMER_FILLS[0]!,
    tooltip: `${block.transitionMethod} [${block.timer}]`,
    ...(path.visits.has(block.name) ? { color: TAKEN_COLOUR, penwidth: '2' } : {}),
  };
  return `  ${quoted(block.name)} ${attributes(pairs)};`;
}

function rowLabel(row: Transition): string {
  const wait = row.waitSeconds === 0 ? '' : ` wait=${row.waitSeconds}`;
  const max = row.max === 0 ? '' : ` max=${row.max}`;
  return `${row.value}${wait}${max}`;
}

function drawRow(block: StateBlock, row: Transition, path: Path): string {
  const taken = path.takes.get(edgeKey(block.name, row.value, row.target));
  const pairs = {
    label: `${rowLabel(row)}${times(taken)}`,
    ...(row.exec ? {} : { style: 'dashed', arrowhead: 'empty' }),
    ...(row.value === ERROR_VALUE ? { color: ERROR_COLOUR, fontcolor: ERROR_COLOUR } : {}),
    ...(taken === undefined ? {} : { color: TAKEN_COLOUR, penwidth: '2' }),
  };
  return `  ${quoted(block.name)} -> ${quoted(row.target)} ${attributes(pairs)};`;
}

/** Steps that no row of the table stands for: requests to terminate, and errors that the built-in row took to `failure`. */
function drawBuiltIn(table: StateTable, path: Path): string[] {
  const rows = new Set(
    table.states.flatMap((block) => block.transitions.map((row) => edgeKey(block.name, row.value, row.target))),
  );
  return [...path.takes]
    .filter(([key]) => !rows.has(key))
    .map(([key, count]) => {
      const [from = '', value = '', to = ''] = key.split('\n');
      const pairs = { label: `${value}${times(count)}`, style: 'dotted', color: TAKEN_COLOUR, penwidth: '2' };
      return `  ${quoted(from)} -> ${quoted(to)} ${attributes(pairs)};`;
    });
}

function drawFinish(path: Path): string {
  const pairs = {
    label: `${FINISH}${times(path.visits.get(FINISH))}`,
    shape: 'doublecircle',
    fillcolor: TIMER_FILLS[0]!,
    ...(path.visits.has(FINISH) ? { color: TAKEN_COLOUR, penwidth: '2' } : {}),
  };
  return `  ${quoted(FINISH)} ${attributes(pairs)};`;
}

/**
 * The table as DOT text for Graphviz: start, finish, failure and terminate shaped apart, filled by timer, rows with
 * exec=false dashed, error rows red, and the path of a recording thick with counts and times.
 */
export function drawStateTable(table: StateTable, options: DrawOptions = {}): string {
  const path = new Path(table, options.recording ?? []);
  const timers = [...new Set(table.states.map((block) => block.timer))];
  const fills = new Map(timers.map((timer, index) => [timer, TIMER_FILLS[index % TIMER_FILLS.length]!]));
  const blocks = table.states.filter((block) => block.name !== FINISH);
  return [
    'digraph "state table" {',
    '  rankdir=TB;',
    '  node [style="filled", fontname="Helvetica", fontsize="11"];',
    '  edge [fontname="Helvetica", fontsize="9"];',
    ...blocks.map((block) => drawState(block, table, fills, path)),
    drawFinish(path),
    ...blocks.flatMap((block) => block.transitions.map((row) => drawRow(block, row, path))),
    ...drawBuiltIn(table, path),
    '}',
    '',
  ].join('\n');
}
