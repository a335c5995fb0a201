import type { ClusterCheckLine } from '../../api/clusters/cluster-views.ts';
import { oneLine, type Paint, type Style } from './text.ts';

const STYLES: Readonly<Record<ClusterCheckLine['outcome'], Style>> = {
  ok: 'green',
  warning: 'yellow',
  failed: 'red',
  unchecked: 'dim',
};

/** Returns a line for each check, with its remedy below it; the columns are aligned across all lines. */
export function checkLines(checks: readonly ClusterCheckLine[], paint: Paint): string[] {
  const outcomes = Math.max(...checks.map(({ outcome }) => outcome.length), 0);
  const names = Math.max(...checks.map(({ name }) => oneLine(name).length), 0);
  return checks.map(({ name, outcome, message, remedy }) => {
    const head = `${paint(STYLES[outcome], outcome.padEnd(outcomes))}  ${oneLine(name).padEnd(names)}  ${oneLine(message)}\n`;
    return remedy === null ? head : `${head}${' '.repeat(outcomes + names + 4)}${oneLine(remedy)}\n`;
  });
}
