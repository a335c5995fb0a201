import type { JSX } from 'preact';
import { showSeconds } from '../format.ts';
import { Section } from '../parts/section.tsx';
import { now } from '../server/connection.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { TaskData } from './task-data.ts';
import { DID_NOT_END } from './section-end.ts';
import { axisStep, phasesOf, type Phase } from './timeline.ts';

/** What took how long, the queue apart from the run, each beside what is usual. */
export function Timeline({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element {
  const endMs = task.completedAt === null ? now.value : Date.parse(task.completedAt);
  const phases = phasesOf({ task, attempt: data.attempts.value.at(-1), steps: data.steps.value, nowMs: now.value });
  const total = Math.max(0.1, (endMs - Date.parse(task.createdAt)) / 1000);
  const scale = Math.max(
    total,
    ...phases.map(({ fromSeconds, usualSeconds }) => (fromSeconds ?? 0) + (usualSeconds ?? 0)),
  );
  const step = axisStep(scale);
  const percent = (seconds: number): string => `${Math.min(100, (seconds / scale) * 100).toFixed(2)}%`;
  const marks = Array.from({ length: Math.floor(scale / step) + 1 }, (_, index) => index * step);
  return (
    <Section id="time" title="Timeline">
      <div class="wf card" style={{ '--grid': percent(step) }}>
        <div class="wf-row wf-head">
          <span>Phase</span>
          <span>took</span>
          <span>usual</span>
          <div class="wf-axis" aria-hidden="true">
            {marks.map((mark) => (
              <span key={mark} style={{ '--l': percent(mark) }}>
                {mark === 0 ? '0' : showSeconds(mark).replace('.0', '')}
              </span>
            ))}
          </div>
        </div>
        {phases.map((phase) => (
          <PhaseRow key={phase.name} phase={phase} percent={percent} most={scale} />
        ))}
        <div class="wf-row total">
          <span>Total</span>
          <span>{showSeconds(total)}</span>
          <span>{showSeconds(task.usual?.total?.medianSeconds ?? null)}</span>
          <div class="wf-key">
            <span>this task</span>
            {task.usual && <span class="usual-key">median of the last {task.usual.samples} that succeeded</span>}
            {task.usual && <span class="p95-key">95 % of them took no longer</span>}
          </div>
        </div>
      </div>
    </Section>
  );
}

interface PhaseRowProps {
  readonly phase: Phase;
  readonly percent: (seconds: number) => string;
  /** Seconds at the end of the axis. A mark beyond it is left out: one slow task would make all bars short. */
  readonly most: number;
}

function PhaseRow({ phase, percent, most }: PhaseRowProps): JSX.Element {
  const { name, isPart, fromSeconds, tookSeconds, usualSeconds, p95Seconds, isLost, tone } = phase;
  return (
    <div class={`wf-row ${isPart ? 'sub ' : ''}${tone}`}>
      <span>{name}</span>
      <span>{fromSeconds === null ? 'not yet' : isLost ? DID_NOT_END : showSeconds(tookSeconds)}</span>
      <span>
        {showSeconds(usualSeconds)}
        {p95Seconds !== null && <span class="sr">, 95 % at most {showSeconds(p95Seconds)}</span>}
      </span>
      <div class="wf-bar">
        {fromSeconds !== null && <b style={{ '--l': percent(fromSeconds), '--w': percent(tookSeconds ?? 0) }} />}
        {usualSeconds !== null && fromSeconds !== null && (
          <i style={{ '--l': percent(fromSeconds), '--w': percent(usualSeconds) }} />
        )}
        {p95Seconds !== null && fromSeconds !== null && fromSeconds + p95Seconds <= most && (
          <em
            style={{ '--l': percent(fromSeconds + p95Seconds) }}
            title={`95 % took at most ${showSeconds(p95Seconds)}`}
          />
        )}
      </div>
    </div>
  );
}
