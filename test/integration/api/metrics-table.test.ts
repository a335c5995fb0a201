import { describe, expect, it } from 'vitest';
import { createMetrics, createRegistry } from '../../../controlplane/api/metrics/metrics-service.ts';
import { createPoolMetrics } from '../../../controlplane/api/metrics/pool-metrics.ts';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { readDocument, tableAfter } from '../../unit/docs/documents.ts';

/** The metrics of a node as its registry has them. No database is asked: their definitions need none. */
async function registered(whose: 'ours' | 'all' = 'ours'): Promise<string[][]> {
  const { db, close } = openDatabase('postgres://nobody@127.0.0.1:1/none', { poolSize: 1 });
  const registry = createRegistry();
  createPoolMetrics(registry);
  createMetrics(db, () => ({}), registry);
  await close();
  const asked = registry.getMetricsAsArray().filter(({ name }) => whose === 'all' || name.startsWith('wip_'));
  return asked.map((metric) => {
    // prom-client keeps them in each metric, and its types leave them out.
    const { labelNames } = metric as unknown as { labelNames: readonly string[] };
    return [metric.name, String(metric.type), labelNames.join(', ')];
  });
}

describe('the table of metrics', () => {
  it('has each metric of a node with its type and labels, and no other', async () => {
    const table = tableAfter(readDocument('controlplane/api/metrics/README.md'), 'All of them');
    const documented = table.map(([name = '', type = '', labels = '']) => [name, type, labels]);
    expect(documented).toEqual((await registered()).sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
  });

  it('speaks of seconds and totals by the names that Prometheus wants', async () => {
    for (const [name = '', type] of await registered()) {
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  it('has no gauge with the name of a counter, which "promtool check metrics" refuses, nor has the process', async () => {
    const misnamed = (await registered('all')).filter(([name, type]) => name?.endsWith('_total') && type !== 'counter');
    expect(misnamed).toEqual([]);
  });

  it('begins every counter of outcomes at 0, so that an alert hears the first event of a node', async () => {
    const { db, close } = openDatabase('postgres://nobody@127.0.0.1:1/none', { poolSize: 1 });
    const registry = createRegistry();
    createMetrics(db, () => ({}), registry);
    const counters = (await registered()).filter(
      ([, type, labels]) => type === 'counter' && labels?.includes('outcome'),
    );
    const values = await Promise.all(
      counters.map(async ([name = '']) =>
        (await registry.getSingleMetric(name)?.get())?.values.map(({ value }) => value),
      ),
    );
    await close();
    expect(values.length).toBeGreaterThan(6);
    expect(values.every((of) => of !== undefined && of.length > 1 && of.every((value) => value === 0))).toBe(true);
  });
});
