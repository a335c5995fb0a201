import { Registry, type MetricObjectWithValues, type MetricValueWithName } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Next } from '../../../controlplane/store/tasks/save-step.ts';
import { claimTasks } from '../../../controlplane/store/tasks/claim-tasks.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { createEngineMetrics } from '../../../controlplane/api/metrics/engine-metrics.ts';
import { createWakeTimes } from '../../../controlplane/api/metrics/wake-times.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { addOf, endOf, engineDeps, kindOf, runEngine } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { expireLeases, launchAttempt, sendSignal } from '../../kit/database/store.ts';

const databases = useTestDatabases();

// More turns than an engine takes in a row (50), so that the task is handed back once.
const TURNS = 60;

/** Takes its turns without a wait, then rests until its second signal. */
class TurnsAndRests extends BasicWip {
  override getStateTable(): string {
    return `turn:look {\n  again turn\n  rest rest\n}\nrest:listen {\n  stay rest wait=3600 exec=false\n  done finish\n}\n`;
  }
  turn({ memory }: WipContext): void {
    memory['turns'] = Number(memory['turns'] ?? 0) + 1;
  }
  look({ memory }: WipContext): string {
    return memory['turns'] === TURNS ? 'rest' : 'again';
  }
  rest(): void {}
  listen({ inbox }: WipContext): string {
    return inbox.all().length < 2 ? 'stay' : 'done';
  }
}

describe('the metrics of an engine', () => {
  it('move with a real engine, and with each kind of save', async () => {
    const database = await databases.fresh();
    const { db } = database;
    const registry = new Registry();
    const read = async (name: string): Promise<number> => {
      const metric = await registry.getSingleMetric(name)!.get();
      return metric.values.reduce((sum, { value }) => sum + value, 0);
    };
    const countOf = async (name: string): Promise<number> => {
      const { values } = (await registry.getSingleMetric(name)!.get()) as MetricObjectWithValues<
        MetricValueWithName<string>
      >;
      return values.reduce((sum, { metricName, value }) => sum + (metricName === `${name}_count` ? value : 0), 0);
    };
    const savesOf = async (kind: Next['kind']): Promise<number> =>
      (await registry.getSingleMetric('wip_saves_total')!.get()).values.find(({ labels }) => labels['kind'] === kind)
        ?.value ?? 0;
    const wakes = createWakeTimes();
    const observer = createEngineMetrics(registry, wakes.note);

    // A node that has died claimed the task and launched its container.
    const id = await addOf(db, 'T');
    const kinds = [{ kind: 'T', classVersion: '1' }];
    const { tasks } = await claimTasks(db, { node: 'gone', limit: 1, leaseSeconds: 30, kinds });
    const attempt = await launchAttempt(db, tasks[0]!);
    await expireLeases(database);
    const facts = { uuid: 'u', options: {} };
    const engine = runEngine(engineDeps(db, [kindOf('T', () => new TurnsAndRests(facts))], { observer }));
    onTestFinished(() => engine.stop());

    await eventually('its rest', async () => (await savesOf('wait')) === 1);
    await sendSignal(db, attempt, 1);
    await eventually('its further rest', async () => (await savesOf('wait-on')) === 1);
    await sendSignal(db, attempt, 2);
    await endOf(db, id);
    await eventually('the answer to the last save', async () => (await savesOf('complete')) === 1);

    const saves = {
      entering: await savesOf('entering'),
      yield: await savesOf('yield'),
      wait: await savesOf('wait'),
      'wait-on': await savesOf('wait-on'),
      complete: await savesOf('complete'),
    } satisfies Record<Next['kind'], number>;
    // One save for each turn, one for the rest and one for the finish.
    expect(saves).toEqual({ entering: TURNS + 2, yield: 1, wait: 1, 'wait-on': 1, complete: 1 });
    expect(await read('wip_lease_takeovers_total')).toBe(1);
    // The first claim, one after the yield, and one after each of the two signals.
    expect(await read('wip_claims_total')).toBe(4);
    expect(await read('wip_steps_total')).toBeGreaterThan(TURNS);
    // The takeover was no wake.
    expect(await countOf('wip_wake_latency_seconds')).toBe(3);
    expect(wakes.read()?.count).toBe(3);
    // Of a node that has died nobody knows how long the task was queued.
    expect(await countOf('wip_queue_wait_seconds')).toBe(0);
    expect(await countOf('wip_step_seconds')).toBe(await read('wip_steps_total'));
    const ends = await registry.getSingleMetric('wip_task_ends_total')!.get();
    const end = { group: 'T', exit_status: 'COMPLETED', cause: 'none', fault: 'none' };
    expect(ends.values).toEqual([{ labels: end, value: 1 }]);
  });
});
