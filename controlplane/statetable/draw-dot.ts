import { formatSeconds } from '../../shared/model/units.ts';
import { drawingOf, type Drawing, type DrawnEdge, type DrawnRow, type DrawnState, type DrawnStep } from './drawing.ts';
import { EMPTY_TRANSITION, FAILURE, FINISH, TERMINATE, type StateTable } from './table.ts';

export interface DrawOptions {
  /** The recorded path to highlight, with counts and times. */
  readonly recording?: readonly DrawnStep[];
}

// Pale fills on which black text stays readable (contrast above 15:1); a timer keeps its colour within a drawing.
const TIMER_FILLS = ['#ffffff', '#dbeafe', '#dcfce7', '#fef9c3', '#ede9fe', '#ffedd5', '#e0f2fe'];
const ERROR_FILL = '#fee2e2';
// Text in these colours keeps a contrast above 4.5:1 on each of the fills (WCAG 2.2, 1.4.3).
const INK = { plain: '#1f2937', error: '#b91c1c', taken: '#9a3412', faint: '#6b7280' } as const;
// Helvetica is the widest of the common sans-serif fonts, and Graphviz knows its widths without the font file. Text
// in a substitute font therefore still fits into its box.
export const FONT = 'Verdana';

type Attributes = Readonly<Record<string, string>>;

/** Replaces characters that XML forbids (XML 1.0, 2.2) by their code points; names of states may hold them. */
function printable(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** Escapes text for the HTML-like labels of Graphviz. */
function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Escapes `&`: Graphviz reads `&…;` in any text as an entity, and copies unknown ones into the SVG unchanged. */
function quoted(text: string): string {
  return `"${printable(text).replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Prints DOT attributes. `label` is HTML-like; every other value is plain text. */
function attributes(pairs: Attributes): string {
  const written = Object.entries(pairs).map(([name, value]) => {
    return `${name}=${name === 'label' ? `<${value}>` : quoted(value)}`;
  });
  return `[${written.join(', ')}]`;
}

function inked(colour: string, text: string, size: 'small' | 'normal' = 'small'): string {
  return `<FONT COLOR="${colour}" POINT-SIZE="${size === 'small' ? 8 : 10}">${text}</FONT>`;
}

/** Prints lines below each other. Each has a table cell of its own, so that a long line widens the box. */
function lines(cells: readonly string[], alignment: 'left' | 'center'): string {
  const align = alignment === 'left' ? ' ALIGN="LEFT"' : '';
  const rows = cells.map((cell) => `<TR><TD${align}>${cell}</TD></TR>`).join('');
  return `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">${rows}</TABLE>`;
}

function timesText(count: number): string {
  return count === 0 ? '' : ` <B>${count}×</B>`;
}

function limitsText({ waitSeconds, max }: DrawnRow): string {
  return `${waitSeconds === 0 ? '' : `, wait ${waitSeconds} s`}${max === 0 ? '' : `, max ${max}`}`;
}

function inkOfRow(row: DrawnRow, otherwise: string, drawing: Drawing): string {
  if (row.taken > 0) return INK.taken;
  return drawing.hasRecording ? INK.faint : otherwise;
}

/** Prints a row such as `fail: run again, wait 30 s, max 3`. */
function loopText(row: DrawnRow, drawing: Drawing): string {
  const what = row.exec ? 'run again' : 'ask again';
  const text = `${escaped(row.value)}: ${what}${limitsText(row)}${timesText(row.taken)}`;
  return inked(inkOfRow(row, row.value === '!' ? INK.error : INK.plain, drawing), text);
}

function stateLabel(state: DrawnState, drawing: Drawing): string {
  const { name, loops, failureRow, visits, seconds } = state;
  const isUsed = visits > 0;
  const ink = isUsed || !drawing.hasRecording ? INK.plain : INK.faint;
  const spent = [...(isUsed ? [`${visits}×`] : []), ...(seconds > 0 ? [escaped(formatSeconds(seconds))] : [])];
  return lines(
    [
      inked(ink, `<B>${escaped(name)}</B>`, 'normal'),
      ...(spent.length > 0 ? [inked(INK.taken, `<B>${spent.join(' · ')}</B>`)] : []),
      ...loops.map((row) => loopText(row, drawing)),
      ...(failureRow
        ? [inked(drawing.hasRecording ? INK.faint : INK.error, `!: failure${limitsText(failureRow)}`)]
        : []),
    ],
    'center',
  );
}

function shapeOf({ name, block }: DrawnState): Attributes {
  if (name === FINISH) return { shape: 'doublecircle', fillcolor: TIMER_FILLS[0]! };
  if (name === FAILURE) return { shape: 'octagon', fillcolor: ERROR_FILL, color: INK.error };
  if (name === TERMINATE) return { shape: 'hexagon' };
  // A target without a block is a mistake in the table, and is drawn as a mistake.
  return block ? {} : { style: 'dashed', color: INK.error };
}

function drawState(state: DrawnState, drawing: Drawing): string {
  const { block, visits } = state;
  const timer = block ? drawing.timers.indexOf(block.timer) : 0;
  const method = block && block.transitionMethod !== EMPTY_TRANSITION ? `:${block.transitionMethod}` : '';
  return `  ${quoted(state.name)} ${attributes({
    label: stateLabel(state, drawing),
    fillcolor: TIMER_FILLS[timer % TIMER_FILLS.length]!,
    tooltip: `${state.name}${method}${block ? ` [${block.timer}]` : ''}`,
    ...(drawing.hasRecording && visits === 0 ? { color: INK.faint } : {}),
    ...shapeOf(state),
    ...(visits > 0 ? { color: INK.taken, penwidth: '2.5' } : {}),
  })};`;
}

function edgeLabel(edge: DrawnEdge, drawing: Drawing): string {
  const ink = edge.kind === 'error' ? INK.error : INK.plain;
  const texts = edge.rows.map((row) => {
    const text = `${escaped(row.value)}${limitsText(row)}${row.exec ? '' : ', not run'}${timesText(row.taken)}`;
    return inked(inkOfRow(row, ink, drawing), text);
  });
  return lines(texts, 'left');
}

/**
 * Returns whether an arrow influences the layout. Error arrows do not, so that the states of the work keep their order.
 */
function isAside({ kind, to }: DrawnEdge): boolean {
  return kind !== 'row' || to === FAILURE;
}

function drawEdge(edge: DrawnEdge, drawing: Drawing): string {
  const { from, to, kind, rows } = edge;
  const isTaken = rows.some((row) => row.taken > 0);
  const colour = isAside(edge) || from === FAILURE ? INK.error : INK.plain;
  return `  ${quoted(from)} -> ${quoted(to)} ${attributes({
    label: edgeLabel(edge, drawing),
    color: isTaken ? INK.taken : drawing.hasRecording ? INK.faint : colour,
    ...(isTaken ? { penwidth: '2.5' } : {}),
    ...(rows.every((row) => !row.exec) ? { style: 'dashed', arrowhead: 'empty' } : {}),
    ...(kind === 'built-in' ? { style: 'dotted' } : {}),
    ...(isAside(edge) && to !== FINISH ? { constraint: 'false' } : {}),
  })};`;
}

/** The start of a task: the filled dot of state diagrams. */
function drawStart({ startState }: Drawing): string[] {
  if (startState === null) return [];
  const dot = attributes({ shape: 'point', width: '0.18', color: INK.plain, fillcolor: INK.plain });
  return [
    `  { rank=source; ":start" ${dot}; }`,
    `  ":start" -> ${quoted(startState)} ${attributes({ color: INK.plain })};`,
  ];
}

/** The legend: which fill belongs to which timer. */
function legend({ timers }: Drawing): string {
  const cells = timers.map((timer, index) => {
    return `<TD BORDER="1" BGCOLOR="${TIMER_FILLS[index % TIMER_FILLS.length]!}">${inked(INK.plain, escaped(timer))}</TD>`;
  });
  const title = `<TD>${inked(INK.plain, 'time of')}</TD>`;
  return `<TABLE BORDER="0" CELLSPACING="6" CELLPADDING="4"><TR>${title}${cells.join('')}</TR></TABLE>`;
}

/**
 * Prints the table as DOT text for Graphviz. The start is at the top and `finish` at the bottom; error rows are red and
 * aside; fills show timers; rows that lead a state back to itself are inside its box; rows with exec=false are dashed.
 * With a recording, its path is thick and has counts and times, and the rest is faint.
 */
export function drawDot(table: StateTable, options: DrawOptions = {}): string {
  const drawing = drawingOf(table, options.recording);
  return [
    'digraph "state table" {',
    `  graph ${attributes({ rankdir: 'TB', nodesep: '0.35', ranksep: '0.4', fontname: FONT })};`,
    `  node ${attributes({ shape: 'box', style: 'filled', fontname: FONT, margin: '0.14,0.06', color: INK.plain })};`,
    `  edge ${attributes({ fontname: FONT, arrowsize: '0.8' })};`,
    ...(drawing.timers.length > 0
      ? [`  graph ${attributes({ label: legend(drawing), labelloc: 'b', labeljust: 'l' })};`]
      : []),
    ...drawStart(drawing),
    ...drawing.states.map((state) => drawState(state, drawing)),
    ...drawing.edges.map((edge) => drawEdge(edge, drawing)),
    '}',
    '',
  ].join('\n');
}
