import type { UsageSampleView } from '../../../api/tasks/task-detail-views.ts';
import { showBytesOf, showSeconds } from '../../format.ts';
import type { LimitsView } from '../../../api/tasks/attempt-views.ts';

export interface Series {
  readonly name: string;
  /** The latest value in words. */
  readonly say: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
  readonly limit: number | null;
  /** The causes of an end at this limit. */
  readonly endsBy: readonly string[];
  readonly unit: 'bytes' | 'processors';
}

/** A line needs two points. */
const LEAST_POINTS = 2;

/** Disk, memory and processors over time; one that was not measured is not there. */
export function seriesOf(samples: readonly UsageSampleView[], limits: LimitsView | null): Series[] {
  const disk = pointsOf(samples, (usage) => numberAt(usage['disk'], 'workloadBytes'));
  const memory = pointsOf(samples, (usage) => numberAt(usage, 'memoryPeakBytes'));
  const processors = processorsOf(samples);
  const last = (points: Series['points']): number | null => points.at(-1)?.value ?? null;
  const cpuSeconds = numberAt(samples.at(-1)?.usage, 'cpuSeconds');
  const all: Series[] = [
    {
      name: 'Disk of the build',
      say: showBytesOf(last(disk), limits?.diskBytes ?? null),
      points: disk,
      limit: limits?.diskBytes ?? null,
      endsBy: ['limit-disk'],
      unit: 'bytes',
    },
    {
      name: 'Memory, highest so far',
      say: showBytesOf(last(memory), limits?.memoryBytes ?? null),
      points: memory,
      limit: limits?.memoryBytes ?? null,
      endsBy: ['out-of-memory'],
      unit: 'bytes',
    },
    {
      name: 'Processors',
      say: `${last(processors)?.toFixed(1) ?? '–'} now · ${showSeconds(cpuSeconds)}`,
      points: processors,
      limit: limits?.processors ?? null,
      endsBy: [],
      unit: 'processors',
    },
  ];
  return all.filter(({ points }) => points.length >= LEAST_POINTS);
}

/** The time that all charts of a task have in common, so that what happened at once stands one below the other. */
export interface ChartAxis {
  readonly fromMs: number;
  readonly toMs: number;
  /** When the steps of the build began. */
  readonly stepsMs: readonly number[];
}

/** From the first value that any chart has to the last one; steps of an earlier container are left out. */
export function axisOf(series: readonly Series[], steps: readonly { readonly startedAt: string }[]): ChartAxis {
  const times = series.flatMap(({ points }) => points.map(({ at }) => at));
  const [fromMs, toMs] = [Math.min(...times), Math.max(...times)];
  const began = steps.map(({ startedAt }) => Date.parse(startedAt));
  return { fromMs, toMs, stepsMs: began.filter((ms) => ms > fromMs && ms < toMs) };
}

type Usage = Readonly<Record<string, unknown>>;

function pointsOf(samples: readonly UsageSampleView[], valueOf: (usage: Usage) => number | null): Series['points'] {
  return samples.flatMap(({ at, usage }) => {
    const value = valueOf(usage);
    return value === null ? [] : [{ at: Date.parse(at), value }];
  });
}

/** The mean between two samples. A new attempt counts from nothing, so a step back is no value. */
function processorsOf(samples: readonly UsageSampleView[]): Series['points'] {
  const spent = pointsOf(samples, (usage) => numberAt(usage, 'cpuSeconds'));
  return spent.flatMap(({ at, value }, index) => {
    const before = spent[index - 1];
    if (!before || at <= before.at || value < before.value) return [];
    return [{ at, value: ((value - before.value) * 1000) / (at - before.at) }];
  });
}

function numberAt(record: unknown, key: string): number | null {
  const value = typeof record === 'object' && record !== null ? (record as Usage)[key] : null;
  return typeof value === 'number' ? value : null;
}
