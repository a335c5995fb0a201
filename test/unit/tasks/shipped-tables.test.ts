import { describe, expect, it } from 'vitest';
import { formatFinding } from '../../../controlplane/statetable/lint-finding.ts';
import { lintTable } from '../../../controlplane/statetable/lint-table.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { printStateTable } from '../../kit/print-table.ts';
import { simulateMany } from '../../../controlplane/statetable/simulate-many.ts';
import { CONTROL_PLANE_FIELDS } from '../../../controlplane/config-fields.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { lintOptionsOf } from '../../../controlplane/tasks/checks/lint-facts.ts';

describe.each(SHIPPED_KINDS)('the table of $kind', ({ create }) => {
  const wip = create({ uuid: 'u', options: {} });
  const table = parseStateTable(wip.getStateTable());
  const facts = lintOptionsOf(wip);

  it('lints clean', () => {
    const maxRunSeconds = CONTROL_PLANE_FIELDS.max_run_seconds.parse(undefined);
    const { findings } = lintTable(table, { ...facts, maxRunSeconds });
    expect(findings.filter(({ severity }) => severity !== 'note').map(formatFinding)).toEqual([]);
  });

  it('ends in all of 1,000 random runs', () => {
    const methods = facts.task!.methods;
    const { faults, ends } = simulateMany(table, { seed: 7, runs: 1000, maxSteps: 10_000, methods });
    expect(faults).toEqual([]);
    expect(Object.keys(ends)).toContain('COMPLETED');
  });

  it('is the same when it is printed and read again', () => {
    expect(printStateTable(parseStateTable(printStateTable(table)))).toBe(printStateTable(table));
  });
});
