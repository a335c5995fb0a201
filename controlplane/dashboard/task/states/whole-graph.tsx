import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { showSeconds } from '../../format.ts';
import type { GraphNode, WholeGraph } from './whole-graph.ts';

const ARROW = 5;

interface WholeGraphProps {
  readonly graph: WholeGraph;
  /** The state the task is in; null when it has ended. */
  readonly now: string | null;
}

/** Every state of the table: those that the task never entered are faint. */
export function WholeGraphView({ graph, now }: WholeGraphProps): JSX.Element {
  const [chosen, choose] = useState<string | null>(null);
  const node = graph.nodes.find(({ state }) => state === chosen);
  const { width, height } = graph;
  return (
    <div class="card">
      <div class="graph whole" tabIndex={0} role="region" aria-label="All states, scrolls sideways">
        <svg viewBox={`-8 -8 ${width + 16} ${height + 16}`} width={width + 16} height={height + 16}>
          <defs>
            {(['taken', 'off'] as const).map((kind) => (
              <marker
                key={kind}
                id={`arrow-${kind}`}
                class={kind}
                {...{ viewBox: '0 0 8 8', refX: 7, refY: 4, orient: 'auto', markerUnits: 'userSpaceOnUse' }}
                {...{ markerWidth: ARROW + 2, markerHeight: ARROW + 2 }}
              >
                <path d="M0 0L8 4L0 8z" />
              </marker>
            ))}
          </defs>
          {graph.edges.map(({ from, to, line, times, values }) => {
            const isOfChosen = from === chosen || to === chosen;
            const classes = ['g-edge', times > 0 ? '' : 'off', isOfChosen ? 'chosen' : ''].filter(Boolean);
            return (
              <path
                key={`${from} ${to}`}
                class={classes.join(' ')}
                d={line}
                marker-end={`url(#arrow-${times > 0 ? 'taken' : 'off'})`}
              >
                <title>{`${from} → ${to}: ${values.join(', ')}${times > 0 ? `, taken ${times}×` : ', not taken'}`}</title>
              </path>
            );
          })}
          {graph.nodes.map((one) => (
            <Node
              key={one.state}
              node={one}
              isNow={one.state === now}
              isChosen={one.state === chosen}
              onChoose={() => choose(one.state === chosen ? null : one.state)}
            />
          ))}
        </svg>
      </div>
      <p class="graph-note muted">{node ? <Rows node={node} /> : 'Choose a state to see its rows of the table.'}</p>
    </div>
  );
}

interface NodeProps {
  readonly node: GraphNode;
  readonly isNow: boolean;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function Node({ node, isNow, isChosen, onChoose }: NodeProps): JSX.Element {
  const { state, x, y, width, height, visits } = node;
  const classes = ['g-node', visits > 0 ? 'g-on' : 'g-off', isNow ? 'g-now' : '', isChosen ? 'chosen' : ''];
  return (
    <g
      class={classes.filter(Boolean).join(' ')}
      role="button"
      tabIndex={0}
      aria-pressed={isChosen}
      aria-label={`${state}, ${visits > 0 ? `entered ${visits} times` : 'never entered'}${isNow ? ', now' : ''}`}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onChoose();
      }}
    >
      <rect {...{ x: x - width / 2, y: y - height / 2, width, height, rx: 6 }} />
      <text {...{ x, y: y + 4 }} textLength={fitted(state, width)} lengthAdjust="spacingAndGlyphs">
        {state}
      </text>
      {visits > 1 && (
        <text class="g-n" x={x + width / 2 + 4} y={y - height / 2 + 8}>
          ×{visits}
        </text>
      )}
    </g>
  );
}

/** Graphviz measures with a font of its own; a name that would not fit is drawn closer. */
function fitted(name: string, width: number): number | undefined {
  const needed = name.length * 6.6;
  return needed > width - 10 ? width - 10 : undefined;
}

function Rows({ node: { state, block, rows } }: { readonly node: GraphNode }): JSX.Element {
  return (
    <>
      <b>{state}</b> ({block}):{' '}
      {rows.length === 0
        ? 'it ends the task.'
        : rows.map(({ value, target, waitSeconds, maxTimes, times }) => (
            <span key={`${value} ${target}`} class="g-row">
              <span class="mono">{value}</span> → {target}
              {waitSeconds > 0 && `, after ${showSeconds(waitSeconds)}`}
              {maxTimes > 0 && `, at most ${maxTimes}×`}
              {times > 0 ? `, taken ${times}×` : ', not taken'}
            </span>
          ))}
    </>
  );
}
