import type { JSX } from 'preact';
import { showBytes } from '../../format.ts';
import type { ChartAxis, Series } from './resource-series.ts';

const WIDTH = 304;
const HEIGHT = 64;
const DOT_RADIUS = 4;
/** Between the limit and its text. */
const TEXT_GAP = 4;

interface SparklineProps {
  readonly series: Series;
  readonly axis: ChartAxis;
  /** Whether the container was ended at this limit: the last value is the moment. */
  readonly isKiller: boolean;
}

/** One value over time, with its limit, the beginnings of the build's steps, and the last value. */
export function Sparkline({ series, axis, isKiller }: SparklineProps): JSX.Element {
  const { points, limit, name, say } = series;
  const span = Math.max(1, axis.toMs - axis.fromMs);
  const most = Math.max(1e-9, limit ?? 0, ...points.map(({ value }) => value));
  const x = (ms: number): number => ((ms - axis.fromMs) / span) * WIDTH;
  const y = (value: number): number => HEIGHT - (value / most) * HEIGHT;
  const line = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const last = points.at(-1);
  const end = `${x(last?.at ?? axis.toMs).toFixed(1)},${HEIGHT}`;
  const start = `${x(points[0]?.at ?? axis.fromMs).toFixed(1)},${HEIGHT}`;
  return (
    <svg
      viewBox={`0 -14 ${WIDTH} ${HEIGHT + 16}`}
      role="img"
      aria-label={`${name}: ${say}${isKiller ? ', ended at its limit' : ''}`}
    >
      {axis.stepsMs.map((ms) => (
        <line key={ms} class="c-grid" x1={x(ms)} x2={x(ms)} y1={0} y2={HEIGHT} />
      ))}
      <line class="c-base" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      <path class="c-area" d={`M${start} L${line.replaceAll(' ', ' L')} L${end}Z`} />
      <polyline class="c-line" points={line} />
      {limit !== null && (
        <>
          <line class="c-limit" x1="0" x2={WIDTH} y1={y(limit)} y2={y(limit)} />
          <text class="c-text bad" x={WIDTH} y={y(limit) - TEXT_GAP} text-anchor="end">
            {series.unit === 'bytes' ? `${showBytes(limit)} limit` : `${limit} at most`}
          </text>
        </>
      )}
      {last && <circle class={isKiller ? 'c-dot bad' : 'c-dot'} cx={x(last.at)} cy={y(last.value)} r={DOT_RADIUS} />}
    </svg>
  );
}
