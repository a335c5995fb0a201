import type { JSX } from 'preact';
import { plural, showSeconds } from '../format.ts';
import { Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { isEnded } from '../status-words.ts';
import { edgeLine, takenPath } from './state-path.ts';
import type { TaskData } from './task-data.ts';

/** The way the task took through its table, and the same as a table of steps. */
export function StateGraph({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element {
  const steps = data.steps.value;
  const endMs = task.completedAt === null ? now.value : Date.parse(task.completedAt);
  const path = takenPath(steps, endMs);
  const bottom = path.height - 12;
  return (
    <Section
      id="states"
      title="States"
      end={
        steps.length === 0
          ? 'none entered yet'
          : `${plural(path.states.length, 'state')}, ${plural(steps.length, 'step')}`
      }
    >
      {steps.length > 0 && (
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
      )}
      {steps.length > 0 && <StepTable data={data} endMs={endMs} />}
    </Section>
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
