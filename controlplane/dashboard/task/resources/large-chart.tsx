import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { showBytes } from '../../format.ts';
import type { Series } from './resource-series.ts';

const HEIGHT = 220;

/** A chart in which one can point and zoom. Its library is loaded when the first one is opened. */
export function LargeChart({ series }: { readonly series: Series }): JSX.Element {
  const position = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = position.current;
    if (!box) return;
    let chart: { destroy(): void } | undefined;
    let isGone = false;
    void import('uplot').then(({ default: UPlot }) => {
      if (isGone) return;
      const style = getComputedStyle(box);
      const colour = (name: string): string => style.getPropertyValue(name).trim();
      const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
      const show = (value: number | null): string =>
        value === null ? '–' : series.unit === 'bytes' ? showBytes(value) : value.toFixed(1);
      chart = new UPlot(
        {
          width: box.clientWidth,
          height: HEIGHT,
          series: [
            { label: 'Time' },
            {
              label: series.name,
              stroke: colour('--accent'),
              fill: colour('--accent-soft'),
              width: 1.5,
              value: (_, value) => show(value),
            },
            { label: 'Limit', stroke: colour('--bad'), dash: [4, 3], width: 1, value: (_, value) => show(value) },
          ],
          axes: [axis, { ...axis, size: 70, values: (_, splits) => splits.map(show) }],
          scales: { y: { range: (_, __, most) => [0, Math.max(1e-9, most * 1.1)] } },
        },
        [
          series.points.map(({ at }) => at / 1000),
          series.points.map(({ value }) => value),
          series.points.map(() => series.limit),
        ],
        box,
      );
    });
    return () => {
      isGone = true;
      chart?.destroy();
    };
  }, [series]);
  return <div class="large-chart" ref={position} />;
}
