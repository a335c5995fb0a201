/** One figure with its promised limit. */
export interface Measurement {
  readonly what: string;
  readonly measured: string;
  readonly promise: string;
  readonly isKept: boolean;
}

/** Figures beside each other, without promised limits. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export type Finding = Measurement | Table;

/** Prints columns as wide as their longest cell, the first aligned left and the others right. */
export function printTable({ title, columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const print = (line: readonly string[]): string =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  return [title, ...lines.map((line) => `  ${print(line)}`.trimEnd())].join('\n');
}

/**
 * The duration of one call. The measured code computes on one thread and waits for nothing. On an otherwise idle
 * machine both times are equal; on any other the wall clock also counts the work of other processes.
 */
export interface Duration {
  readonly wallMs: number;
  readonly processorMs: number;
}

export function timeCall(call: () => void): Duration {
  const startedMs = performance.now();
  const startedUsage = process.threadCpuUsage();
  call();
  const { user, system } = process.threadCpuUsage(startedUsage);
  return { wallMs: performance.now() - startedMs, processorMs: (user + system) / 1000 };
}

/** Times each call by itself, in the order of the calls: the first one is cold. */
export function timeCalls(count: number, call: () => void): Duration[] {
  return Array.from({ length: count }, () => timeCall(call));
}

function text(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

/** Returns the smallest value that this part of them does not exceed; NaN for an empty list. */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The promise is kept when the median of processor time is within the limit. First and worst call and the wall clock
 * are shown beside it.
 */
export function judgeTimes(what: string, times: readonly Duration[], maxMs: number): Measurement {
  const processor = times.map((time) => time.processorMs);
  const typicalMs = median(processor);
  const wall = `${text(median(times.map((time) => time.wallMs)))} by the clock`;
  const spread = `median of ${times.length}; first ${text(processor[0]!)}, worst ${text(Math.max(...processor))}; ${wall}`;
  return { what, measured: `${text(typicalMs)} (${spread})`, promise: `< ${maxMs} ms`, isKept: typicalMs < maxMs };
}

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Figures of other projects with the same work. */
  readonly beside: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export function judgeFigure({
  what,
  value,
  unit,
  beside,
  atMost = Infinity,
  atLeast = -Infinity,
}: Figure): Measurement {
  const promises = [
    ...(Number.isFinite(atMost) ? [`≤ ${atMost} ${unit}`] : []),
    ...(Number.isFinite(atLeast) ? [`≥ ${atLeast} ${unit}`] : []),
  ];
  return {
    what,
    measured: `${value.toFixed(value < 10 ? 2 : 1)} ${unit}${beside}`,
    promise: promises.join(', ') || 'nothing',
    isKept: value <= atMost && value >= atLeast,
  };
}

/** What the command line asks of a benchmark besides; most have no use for it. */
export interface BenchOptions {
  readonly profile: boolean;
  /** null: as many as the benchmark promises something of. */
  readonly count: number | null;
}
