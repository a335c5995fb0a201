import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { plural, showSeconds } from '../../format.ts';
import { Section } from '../../parts/section.tsx';
import { now } from '../../server/connection.ts';
import { api, bodyOf } from '../../server/request.ts';
import type { TaskView } from '../../../api/tasks/task-views.ts';
import { isEnded } from '../../status-words.ts';
import { edgeLine, takenPath } from './state-path.ts';
import type { TaskData } from '../task-data.ts';
import { wholeGraph, type DrawnTable } from './whole-graph.ts';
import { WholeGraphView } from './whole-graph.tsx';

interface StateGraphProps {
  readonly task: TaskView;
  readonly data: TaskData;
}

/** The way the task took through its table: folded to what it visited, or all states; and the same as a table of steps. */
export function StateGraph({ task, data }: StateGraphProps): JSX.Element {
  const steps = data.steps.value;
  const [isWhole, setWhole] = useState(false);
  const table = useKindTable(task.kind, isWhole);
  const count = `${plural(new Set(steps.map(({ to }) => to)).size, 'state')}, ${plural(steps.length, 'step')}`;
  return (
    <Section
      id="states"
      title="States"
      end={
        <>
          {steps.length === 0 ? 'none entered yet' : count}{' '}
          <button type="button" class="btn bare" aria-pressed={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'Only those visited' : 'Show all states'}
          </button>
        </>
      }
    >
      {isWhole && table.problem !== null && <p class="muted">{table.problem}</p>}
      {isWhole && table.answer && (
        <WholeGraphView
          graph={wholeGraph(table.answer, steps)}
          now={isEnded(task) ? null : (steps.at(-1)?.to ?? null)}
        />
      )}
      {!isWhole && steps.length > 0 && <VisitedStates task={task} data={data} />}
      {steps.length > 0 && <StepTable data={data} endMs={endOf(task)} />}
    </Section>
  );
}

interface TableReading {
  readonly answer: DrawnTable | null;
  readonly problem: string | null;
}

/** Reads the table of a kind when it is wanted first. */
function useKindTable(kind: string, isWanted: boolean): TableReading {
  const [table, setTable] = useState<TableReading>({ answer: null, problem: null });
  useEffect(() => {
    if (!isWanted || table.answer) return;
    bodyOf(api.GET('/v1/kinds/{kind}/table', { params: { path: { kind } } })).then(
      (answer) => setTable({ answer, problem: null }),
      (error: unknown) => setTable({ answer: null, problem: error instanceof Error ? error.message : String(error) }),
    );
  }, [kind, isWanted]);
  return table;
}

function endOf(task: TaskView): number {
  return task.completedAt === null ? now.value : Date.parse(task.completedAt);
}

function VisitedStates({ task, data }: StateGraphProps): JSX.Element {
  const steps = data.steps.value;
  const path = takenPath(steps, endOf(task));
  const bottom = path.height - 12;
  return (
    <div class="graph card" tabIndex={0} role="region" aria-label="States, scrolls sideways">
      <svg
        viewBox={`0 0 ${path.width} ${path.height}`}
        width={path.width}
        height={path.height}
        role="img"
        aria-label={`The way through ${plural(path.states.length, 'state')}. The table of steps below says the same in words.`}
      >
        {path.edges.map((edge) => (
          <path key={`${edge.from.name}-${edge.to.name}`} class="g-edge" d={edgeLine(edge, bottom)}>
            <title>
              {[...edge.values].map(([value, times]) => (times > 1 ? `${value} ×${times}` : value)).join(', ')}
            </title>
          </path>
        ))}
        {path.states.map((state) => (
          <StateNode key={state.name} state={state} isNow={state === path.last && !isEnded(task)} />
        ))}
      </svg>
    </div>
  );
}

interface StateNodeProps {
  readonly state: ReturnType<typeof takenPath>['states'][number];
  readonly isNow: boolean;
}

function StateNode({ state: { name, visits, seconds, x, y }, isNow }: StateNodeProps): JSX.Element {
  const isLong = name.length > 26;
  return (
    <g class={isNow ? 'g-on g-now' : 'g-on'}>
      <title>{`${name}: ${showSeconds(seconds)}`}</title>
      {isNow && <circle class="halo" cx={x} cy={y} r="8" />}
      <circle cx={x} cy={y} r="4" />
      <text class={isLong ? 'g-name long' : 'g-name'} x={x + 14} y={y + 4}>
        {name}
        {visits > 1 && <tspan class="g-n"> ×{visits}</tspan>}
      </text>
      <text class="g-time" x={x + 243} y={y + 4}>
        {showSeconds(seconds)}
      </text>
    </g>
  );
}

function StepTable({ data, endMs }: { readonly data: TaskData; readonly endMs: number }): JSX.Element {
  const steps = data.steps.value;
  return (
    <details class="json">
      <summary class="muted">The same as a table of steps</summary>
      <div class="card tbl-wrap" tabIndex={0} role="region" aria-label="Steps">
        <table class="tbl">
          <thead>
            <tr>
              <th class="num">Step</th>
              <th>From</th>
              <th>Value</th>
              <th>To</th>
              <th class="num">Time in it</th>
              <th>Remark</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step, index) => (
              <tr key={step.number}>
                <td data-l="Step" class="num">
                  {index + 1}
                </td>
                <td data-l="From">{step.from ?? '–'}</td>
                <td data-l="Value">{step.value ?? '–'}</td>
                <td data-l="To">{step.to}</td>
                <td data-l="Time in it" class="num">
                  {showSeconds(
                    ((steps[index + 1] ? Date.parse(steps[index + 1]!.at) : endMs) - Date.parse(step.at)) / 1000,
                  )}
                </td>
                <td data-l="Remark">{step.note ?? (step.executed ? '–' : 'not run')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
