import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { showBytes, showSeconds } from '../../format.ts';
import { Section } from '../../parts/section.tsx';
import type { TaskView } from '../../../api/tasks/task-views.ts';
import { LargeChart } from './large-chart.tsx';
import { axisOf, seriesOf, type Series } from './resource-series.ts';
import { Sparkline } from './sparkline.tsx';
import type { TaskData } from '../task-data.ts';

/** What the container used over time, against its limits. */
export function Resources({ task, data }: { readonly task: TaskView; readonly data: TaskData }): JSX.Element {
  const [open, setOpen] = useState<Series | null>(null);
  const limits = data.attempts.value.at(-1)?.limits ?? null;
  const series = seriesOf(data.usage.value?.samples ?? [], limits);
  const axis = axisOf(series, task.steps);
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
            <Sparkline series={one} axis={axis} isKiller={one.endsBy.includes(task.cause ?? '')} />
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
