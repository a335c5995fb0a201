import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { showBytes, showSeconds } from '../format.ts';
import { Section } from '../parts/section.tsx';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { LargeChart } from './large-chart.tsx';
import { seriesOf, type Series } from './resource-series.ts';
import type { TaskData } from './task-data.ts';

const WIDTH = 304;
const HEIGHT = 64;

/** What the container used over time, against its limits. */
export function Resources({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element {
  const [open, setOpen] = useState<Series | null>(null);
  const limits = data.attempts.value.at(-1)?.limits ?? null;
  const series = seriesOf(data.usage.value?.samples ?? [], limits);
  const total = task.usage ?? data.usage.value?.total ?? null;
  return (
    <Section id="res" title="Resources">
      <div class="res card">
        {series.map((one) => (
          <figure key={one.name}>
            <figcaption>
              {one.name}
              <b>{one.say}</b>
            </figcaption>
            <Sparkline series={one} />
            <button type="button" class="btn bare" onClick={() => setOpen(open?.name === one.name ? null : one)}>
              {open?.name === one.name ? 'Close' : 'Larger'}
            </button>
          </figure>
        ))}
        {series.length === 0 && (
          <dl class="kv">
            <dt>Processor</dt>
            <dd>{showSeconds(total?.cpuSeconds ?? null)}</dd>
            <dt>Memory</dt>
            <dd>{showBytes(total?.memoryPeakBytes ?? null)} at peak</dd>
            <dt>Disk</dt>
            <dd>{showBytes(total?.diskPeakBytes ?? null)} at peak</dd>
          </dl>
        )}
        {open && <LargeChart key={open.name} series={series.find(({ name }) => name === open.name) ?? open} />}
      </div>
    </Section>
  );
}

function Sparkline({ series }: { readonly series: Series }): JSX.Element {
  const { points, limit, name, say } = series;
  const first = points[0]?.at ?? 0;
  const span = Math.max(1, (points.at(-1)?.at ?? 0) - first);
  const most = Math.max(1e-9, limit ?? 0, ...points.map(({ value }) => value));
  const position = ({ at, value }: { at: number; value: number }): string =>
    `${(((at - first) / span) * WIDTH).toFixed(1)},${(HEIGHT - (value / most) * HEIGHT).toFixed(1)}`;
  const line = points.map(position).join(' ');
  const limitY = limit === null ? 0 : HEIGHT - (limit / most) * HEIGHT;
  return (
    <svg viewBox={`0 -14 ${WIDTH} ${HEIGHT + 16}`} role="img" aria-label={`${name}: ${say}`}>
      <line class="c-base" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      <path class="c-area" d={`M0,${HEIGHT} L${line.replaceAll(' ', ' L')} L${WIDTH},${HEIGHT}Z`} />
      <polyline class="c-line" points={line} />
      {limit !== null && <line class="c-limit" x1="0" x2={WIDTH} y1={limitY} y2={limitY} />}
    </svg>
  );
}
