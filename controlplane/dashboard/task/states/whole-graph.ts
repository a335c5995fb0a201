import type { components } from '../../../api/openapi/api-types.ts';
import type { StepView } from '../../../api/tasks/recording/task-recording-views.ts';

type Answer = components['schemas']['KindTableAnswer'];
type AnswerEdge = Answer['layout']['edges'][number];
/** The answer as the client has it, for which a pair of numbers is a list of numbers. */
export interface DrawnTable extends Omit<Answer, 'layout'> {
  readonly layout: Omit<Answer['layout'], 'edges'> & {
    readonly edges: readonly (Omit<AnswerEdge, 'points'> & { readonly points: readonly (readonly number[])[] })[];
  };
}

type PlacedNode = DrawnTable['layout']['nodes'][number];
type TableRow = DrawnTable['states'][number]['rows'][number];

/** A state of the table, and what the task did there. */
export interface GraphNode extends PlacedNode {
  readonly visits: number;
  readonly block: DrawnTable['states'][number]['block'];
  /** The rows of the table, with how often the task took each. */
  readonly rows: readonly (TableRow & { readonly times: number })[];
}

interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly line: string;
  /** How often the task went along it; 0: never. */
  readonly times: number;
  readonly values: readonly string[];
}

export interface WholeGraph {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphNode[];
  /** Edges that were taken come last, so that they are drawn above the others. */
  readonly edges: readonly GraphEdge[];
}

/** The table of a kind as the server placed it, with the way of a task through it. */
export function wholeGraph({ states, layout }: DrawnTable, steps: readonly StepView[]): WholeGraph {
  const countSteps = (isCounted: (step: StepView) => boolean): number => steps.filter(isCounted).length;
  const nodes = layout.nodes.map((node) => {
    const state = states.find(({ name }) => name === node.state);
    const named = new Set(state?.rows.map(({ value }) => value));
    const rows = (state?.rows ?? []).map((row) => {
      // `*` stands for every value without a row of its own.
      const isOf = (value: string | null): boolean =>
        value === row.value || (row.value === '*' && !named.has(value ?? '*'));
      const times = countSteps(({ from, value, to }) => from === node.state && to === row.target && isOf(value));
      return { ...row, times };
    });
    const visits = countSteps(({ from, to }) => to === node.state && from !== to);
    return { ...node, block: state?.block ?? ('work' as const), visits, rows };
  });
  const edges = layout.edges.map(({ from, to, values, points }) => ({
    ...{ from, to, values, line: splineLine(points) },
    times: countSteps((step) => step.from === from && step.to === to),
  }));
  edges.sort((a, b) => Number(a.times > 0) - Number(b.times > 0));
  return { width: layout.width, height: layout.height, nodes, edges };
}

/** A B-spline as Graphviz has it, as a path: the start, then three points for each piece, and a tip of the arrow. */
function splineLine(points: readonly (readonly number[])[]): string {
  const [start, ...others] = points.map((point) => point.join(' '));
  const pieces = Math.floor(others.length / 3) * 3;
  const curve = pieces === 0 ? '' : `C${others.slice(0, pieces).join(' ')}`;
  return `M${start}${curve}${others
    .slice(pieces)
    .map((point) => `L${point}`)
    .join('')}`;
}
