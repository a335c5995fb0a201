import { formatSeconds } from '../../shared/model/units.ts';

/** One way in which tasks ended: an exit status with its cause. */
export interface ManyEnd {
  readonly end: string;
  readonly runs: number;
  /** Virtual seconds. */
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** Seed of the first run that ended so, for simulateSeed. */
  readonly seed: number;
}

export interface ManyRuns {
  readonly runs: number;
  readonly seed: number;
  /** The most frequent first. */
  readonly ends: readonly ManyEnd[];
  /** Rows of the state table that no run took, as `state value`. */
  readonly rowsNeverTaken: readonly string[];
  readonly statesNeverVisited: readonly string[];
  /** The same as text for people. */
  table(): string;
}

/** Returns the result of many runs as text for people. */
export function manyTable(report: Omit<ManyRuns, 'table'>, rowCount: number): string {
  const { runs, seed, ends, rowsNeverTaken, statesNeverVisited } = report;
  const width = Math.max(...ends.map(({ end }) => end.length), 3);
  const cells = (parts: readonly string[]): string => parts.map((part) => part.padStart(13)).join('');
  const lines = [
    `${runs} runs with the seed ${seed}`,
    `  ${'end'.padEnd(width)}${cells(['share', 'p50', 'p95', 'max'])}  seed of the first`,
    ...ends.map(({ end, runs: count, p50, p95, max, seed: first }) => {
      const share = `${((100 * count) / runs).toFixed(1)} %`;
      return `  ${end.padEnd(width)}${cells([share, formatSeconds(p50), formatSeconds(p95), formatSeconds(max)])}  ${first}`;
    }),
    `Rows taken: ${rowCount - rowsNeverTaken.length} of ${rowCount}`,
    ...rowsNeverTaken.map((row) => `  never: ${row}`),
    ...statesNeverVisited.map((state) => `  never entered: ${state}`),
  ];
  return `${lines.join('\n')}\n`;
}
