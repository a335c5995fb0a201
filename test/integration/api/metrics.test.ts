import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { setPause } from '../../../controlplane/store/control/pauses.ts';
import { intendRequest } from '../../../controlplane/store/outbox/requests.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { createMetrics, type Metrics } from '../../../controlplane/api/metrics/metrics-service.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { blockLaunch } from '../../kit/ecs/block-launch.ts';
import { addBasic, launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

// Prometheus' text format 0.0.4: a name, labels in quotes, and a number that Go's ParseFloat accepts (prom-client
// writes Nan).
const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? ([Nn]a[Nn]|[+-]Inf|[+-]?[\d.]+(?:e[+-]?\d+)?)$/;

/** Returns every sample of the text by its name and labels. Fails at a line that is neither sample nor comment. */
async function samplesOf(metrics: Metrics): Promise<Map<string, number>> {
  const { type, text } = await metrics.readMetrics();
  expect(type).toContain('version=0.0.4');
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE) /.test(line)) continue;
    const match = SAMPLE.exec(line);
    expect(match, line).not.toBeNull();
    samples.set(`${match![1]}${match![2] ?? ''}`, Number(match![3]));
  }
  return samples;
}

describe('metrics of a node', () => {
  it('tell of tasks that wait to be launched, and alarm when an operator must do something', async () => {
    const { db } = await databases.fresh();
    const metrics = createMetrics(db, () => ({}));
    expect((await samplesOf(metrics)).get('wip_launch_alarm')).toBe(0);
    await blockLaunch(db, { code: 'no-capacity', seconds: 600 });
    expect((await samplesOf(metrics)).get('wip_launch_alarm')).toBe(0);
    await blockLaunch(db, { code: 'access-denied', seconds: 90 });
    const samples = await samplesOf(metrics);
    expect(samples.get('wip_launches_waiting{reason="access-denied"}')).toBe(1);
    expect(samples.get('wip_launches_waiting{reason="no-capacity"}')).toBe(1);
    expect(samples.get('wip_launches_waiting_seconds{reason="no-capacity"}')).toBeGreaterThanOrEqual(600);
    expect(samples.get('wip_launch_alarm')).toBe(1);
  });

  it('say what the database holds, at the moment they are asked', async () => {
    const { db } = await databases.fresh();
    const metrics = createMetrics(db, () => ({ default: { runTask: { tokens: 20, burst: 100, perSecond: 40 } } }));
    const group = 'a "quoted"\ngroup';
    const ended = await startedTask(db, { group });
    await saveStep(db, ended, { exitStatus: 'ERROR_USER', cause: 'limit-disk', next: { kind: 'complete' } });
    const started = await startedTask(db, { group: 'b' });
    await launchAttempt(db, started);
    const effect = { key: 'k', name: 'report', scope: 'task', request: 'sealed' };
    await intendRequest(db, started, { effect, isRepeatable: true, giveUpAfterSeconds: 60, lane: null });
    await sql`UPDATE effect SET created_at = now() - interval '1 hour'`.execute(db);
    const queued = await addBasic(db, { group: 'b' });
    await sql`UPDATE task SET wake_at = now() - interval '2 hours' WHERE id = ${queued.id}`.execute(db);
    await setPause(db, { scope: 'group', name: 'b' }, 'hard');
    const label = 'group="a \\"quoted\\"\\ngroup"';
    const samples = await samplesOf(metrics);
    expect(
      Object.fromEntries(
        [...samples].filter(([name]) => /^wip_(tasks|group|paused|data|ecs_(tokens|quota))/.test(name)),
      ),
    ).toEqual({
      wip_database_up: 1,
      [`wip_tasks{${label},status="COMPLETE"}`]: 1,
      'wip_tasks{group="b",status="PROCESSING"}': 1,
      'wip_tasks{group="b",status="NOT_STARTED"}': 1,
      wip_tasks_abandoned: 0,
      [`wip_tasks_ended{${label},exit_status="ERROR_USER",cause="limit-disk"}`]: 1,
      [`wip_group_running{${label}}`]: 0,
      'wip_group_running{group="b"}': 1,
      [`wip_group_max_running{${label}}`]: 3,
      'wip_group_max_running{group="b"}': 3,
      'wip_paused{group="b",type="hard"}': 1,
      'wip_ecs_tokens{cluster="default",quota="runTask"}': 20,
      'wip_ecs_quota_burst{cluster="default",quota="runTask"}': 100,
      'wip_ecs_quota_per_second{cluster="default",quota="runTask"}': 40,
    });
    await saveStep(db, ended, { next: { kind: 'complete' } });
    await setPause(db, { scope: 'global' }, 'soft');
    expect((await samplesOf(metrics)).get('wip_paused{group="*",type="soft"}')).toBe(1);
    expect([...samples].filter(([name]) => name.startsWith('wip_containers'))).toEqual([
      ['wip_containers{cluster="default"}', 1],
    ]);
    expect(samples.get('wip_outbox_requests')).toBe(1);
    expect(Math.round(samples.get('wip_queue_oldest_seconds{group="b"}')! / 3_600)).toBe(2);
    expect(Math.round(samples.get('wip_outbox_oldest_seconds')! / 3_600)).toBe(1);
  });

  it('count what the node does, and all of our names begin with wip_', async () => {
    const { db } = await databases.fresh();
    const metrics = createMetrics(db, () => ({}));
    metrics.engine.claimed({ group: 'a', isTakeover: false, queuedSeconds: 7, wakeSeconds: null });
    metrics.engine.claimed({ group: 'a', isTakeover: true, queuedSeconds: null, wakeSeconds: null });
    metrics.engine.stepBegan();
    metrics.engine.saved('complete');
    metrics.onAnswered({ method: 'GET', route: '/v1/tasks/:id', status: 200, tookMs: 30 });
    metrics.onEcsCall({ action: 'RunTask', outcome: 'answered', waitedMs: 500, tookMs: 100 });
    metrics.onEcsEvent('foreign');
    metrics.onTrace('dropped');
    metrics.engine.requestTried('again');
    metrics.onSignal('ready', 'repeated');
    const samples = await samplesOf(metrics);
    const named = (name: string): number | undefined => samples.get(name);
    expect([named('wip_claims_total'), named('wip_lease_takeovers_total'), named('wip_steps_total')]).toEqual([
      2, 1, 1,
    ]);
    expect(named('wip_queue_wait_seconds_sum{group="a"}')).toBe(7);
    expect(named('wip_saves_total{kind="complete"}')).toBe(1);
    expect(named('wip_signals_total{signal="ready",outcome="repeated"}')).toBe(1);
    expect(named('wip_http_request_seconds_count{method="GET",route="/v1/tasks/:id",status="200"}')).toBe(1);
    expect(named('wip_ecs_call_seconds_sum{action="RunTask",outcome="answered"}')).toBe(0.1);
    expect(named('wip_ecs_wait_seconds_total{action="RunTask"}')).toBe(0.5);
    expect(named('wip_ecs_events_total{outcome="foreign"}')).toBe(1);
    expect(named('wip_outbox_tries_total{outcome="again"}')).toBe(1);
    expect(named('wip_traces_total{outcome="dropped"}')).toBe(1);
    // All other metrics are about the process, under the names that dashboards expect.
    expect([...samples.keys()].filter((name) => !/^(wip|process|nodejs)_/.test(name))).toEqual([]);
  });

  it('say that the database is down and go on with what the node counts itself', async () => {
    const { db, close } = openDatabase('postgres://nobody@127.0.0.1:1/none', { poolSize: 1 });
    const metrics = createMetrics(db, () => ({}));
    metrics.engine.claimed({ group: 'a', isTakeover: false, queuedSeconds: null, wakeSeconds: 0.1 });
    const samples = await samplesOf(metrics);
    await close();
    expect([samples.get('wip_database_up'), samples.get('wip_claims_total')]).toEqual([0, 1]);
    expect([...samples.keys()].filter((name) => /^wip_(tasks|nodes)/.test(name))).toEqual([]);
  });
});
