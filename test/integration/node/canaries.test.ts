import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../controlplane/api/metrics/metrics-service.ts';
import { runCanaries } from '../../../controlplane/node/run-canaries.ts';
import { startMaintenance } from '../../../controlplane/store/operation/maintenance.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { CANARY } from '../../../controlplane/tasks/kinds.ts';
import { EXIT_STATUS, type ExitStatus } from '../../../shared/model/status.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { RecordingLog } from '../../kit/recording-log.ts';

const databases = useTestDatabases();
const INTERVAL_SECONDS = 600;

/** Lets so many nodes at once look for due canaries, three times each, and returns what they logged. */
async function letNodesCheck(db: Db, nodes: number): Promise<string[]> {
  const log = new RecordingLog();
  await Promise.all(
    Array.from({ length: nodes }, async () => {
      const deps = engineDeps(db, [CANARY]);
      const stop = new AbortController();
      const clock = new HastyClock();
      const sleep: HastyClock['sleep'] = async (ms, signal) => {
        await clock.sleep(ms, signal);
        if (clock.sleptMs.length === 3) stop.abort();
      };
      const ticking = { now: () => clock.now(), monotonicMs: () => clock.monotonicMs(), sleep };
      await runCanaries({ ...deps, tasks: deps, intervalSeconds: INTERVAL_SECONDS, clock: ticking, log }, stop.signal);
    }),
  );
  return log.entries.map(({ level, message }) => `${level}: ${message}`);
}

async function countCanaries(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*)::int AS count FROM task WHERE kind = 'Canary'`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

/** Ends every canary that is under way, and lets the interval pass. */
async function endAll(db: Db, exitStatus: ExitStatus): Promise<void> {
  await sql`UPDATE task SET status = 3, exit_status = ${EXIT_STATUS[exitStatus]}, exit_message = 'No image.',
    started_at = created_at + interval '2 s', completed_at = clock_timestamp() WHERE status <> 3`.execute(db);
  await sql`UPDATE setting SET updated_at = now() - interval '1 hour' WHERE name = 'canarySchedule'`.execute(db);
}

describe('the schedule of canaries', () => {
  it('adds one in each interval, however many nodes there are', async () => {
    const { db } = await databases.fresh();
    expect(await letNodesCheck(db, 4)).toEqual(['info: a canary was added']);
    await endAll(db, 'COMPLETED');
    expect(await letNodesCheck(db, 4)).toEqual(['info: a canary was added']);
    expect(await countCanaries(db)).toBe(2);
  });

  it('adds none within the interval, none beside one that is under way, and none in a maintenance', async () => {
    const { db } = await databases.fresh();
    await letNodesCheck(db, 1);
    await sql`UPDATE setting SET updated_at = now() - interval '1 hour' WHERE name = 'canarySchedule'`.execute(db);
    await letNodesCheck(db, 2);
    expect(await countCanaries(db)).toBe(1);
    await endAll(db, 'COMPLETED');
    await startMaintenance(db, { reason: null, by: 'ann', since: new Date().toISOString() });
    await letNodesCheck(db, 2);
    expect(await countCanaries(db)).toBe(1);
  });
});

describe('canaries that fail', () => {
  const ALARM = 'error: ALERT: canaries fail: containers can probably not be launched';

  it('raise an alarm at the second failure in a row, once on all nodes, and end it with a success', async () => {
    const { db } = await databases.fresh();
    const logged: string[][] = [];
    for (const end of ['COMPLETED', 'ERROR_SYSTEM', 'ERROR_SYSTEM', 'ERROR_SYSTEM', 'COMPLETED'] as const) {
      await letNodesCheck(db, 1);
      await endAll(db, end);
      // The interval is not over for these nodes: they only report.
      await sql`UPDATE setting SET updated_at = now() WHERE name = 'canarySchedule'`.execute(db);
      logged.push(await letNodesCheck(db, 3));
      await endAll(db, end);
    }
    expect(logged).toEqual([[], [], [ALARM], [ALARM], ['info: canaries succeed again']]);
  });

  it('are in the metrics, with the launch of the last one', async () => {
    const { db } = await databases.fresh();
    const metrics = createMetrics(db, () => ({}));
    for (const end of ['COMPLETED', 'ERROR_SYSTEM', 'ERROR_SYSTEM'] as const) {
      await letNodesCheck(db, 1);
      await endAll(db, end);
    }
    const { text } = await metrics.readMetrics();
    expect(text).toContain('wip_canary_alarm 1\n');
    expect(text).toContain('wip_canary_failures_in_a_row 2\n');
    expect(text).toContain('wip_canary_launch_seconds{phase="queue"} 2\n');
    expect(text).toMatch(/wip_canary_ended_timestamp_seconds 1\.\d+e\+?9|wip_canary_ended_timestamp_seconds \d{10}/);
  });
});
