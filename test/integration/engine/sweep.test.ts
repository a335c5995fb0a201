import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { sweepContainers } from '../../../controlplane/engine/sweep/sweep-containers.ts';
import type { ClusterAccess } from '../../../controlplane/engine/engine-deps.ts';
import { markLaunched } from '../../../controlplane/store/attempts/mark-attempt.ts';
import { confirmRestored, RESTORED } from '../../../controlplane/store/operation/restored.ts';
import { setSetting } from '../../../controlplane/store/settings/settings.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { claim, launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

/** Sweeps twice, a minute apart, over a cluster that runs these ECS tasks. Returns the ones that were stopped. */
async function stopped(
  prepare: (
    db: Awaited<ReturnType<typeof databases.fresh>>['db'],
    installationId: string,
  ) => Promise<readonly { arn: string; startedBy: string }[]>,
): Promise<string[]> {
  const { db } = await databases.fresh();
  const stops: string[] = [];
  const deps = engineDeps(db, [], { sweepSeconds: 31, clock: new HastyClock() });
  const running = await prepare(db, deps.installationId);
  const stop = new AbortController();
  let sweeps = 0;
  const access = {
    listRunning: () => {
      sweeps += 1;
      if (sweeps === 3) stop.abort();
      return Promise.resolve(running);
    },
    ecs: {
      describe: () =>
        Promise.resolve({ kind: 'unknown', at: new Date().toISOString(), error: 'unavailable', sentence: '' }),
      stopTask: (arn: string) => Promise.resolve(void stops.push(arn)),
    },
  } as unknown as ClusterAccess;
  const away = { name: 'a', open: () => Promise.reject(new Error('a is away')) };
  const here = { name: 'default', open: () => Promise.resolve(access) };
  const clusters = { ...deps.clusters, openOf: here.open, list: () => Promise.resolve([away, here]) };
  await sweepContainers({ ...deps, clusters }, stop.signal);
  return stops;
}

describe('the reaper', () => {
  it('stops what runs in the name of this installation and belongs to no attempt, and nothing else', async () => {
    const stops = await stopped(async (db, installationId) => {
      const task = await startedTask(db);
      const attempt = await launchAttempt(db, task);
      await markLaunched(db, attempt.id, 'owned');
      return [
        { arn: 'owned', startedBy: `wip/${installationId}/${task.id}/1` },
        { arn: 'nobody’s', startedBy: `wip/${installationId}/${task.id}/7` },
        { arn: 'another installation’s', startedBy: 'wip/other/1/1' },
        { arn: 'somebody’s', startedBy: 'deploy' },
      ];
    });
    expect(new Set(stops)).toEqual(new Set(['nobody’s']));
  });

  it('stops the container that a complete task left behind, unless the task was told to keep it', async () => {
    const stops = await stopped(async (db, installationId) => {
      const running = [];
      for (const options of [{}, { release_on_exit: false }]) {
        const task = await startedTask(db, { options });
        const arn = JSON.stringify(options);
        await markLaunched(db, (await launchAttempt(db, task)).id, arn);
        await saveStep(db, task, { next: { kind: 'complete' } });
        running.push({ arn, startedBy: `wip/${installationId}/${task.id}/1` });
      }
      return running;
    });
    expect(new Set(stops)).toEqual(new Set(['{}']));
  });

  it('only reports them after a restore, until that is confirmed', async () => {
    const stray = (installationId: string) => [{ arn: 'stray', startedBy: `wip/${installationId}/7/1` }];
    const restored = { at: '2026-01-02T00:00:00Z', dumpedAt: '2026-01-01T00:00:00Z' };
    const kept = await stopped(async (db, installationId) => {
      await setSetting(db, RESTORED, restored);
      return stray(installationId);
    });
    expect(kept).toEqual([]);
    const confirmed = await stopped(async (db, installationId) => {
      await setSetting(db, RESTORED, restored);
      await confirmRestored(db);
      return stray(installationId);
    });
    expect(new Set(confirmed)).toEqual(new Set(['stray']));
  });

  it('goes on with the other clusters when one does not answer', async () => {
    const stops = await stopped((_db, installationId) =>
      Promise.resolve([{ arn: 'stray', startedBy: `wip/${installationId}/7/1` }]),
    );
    expect(new Set(stops)).toEqual(new Set(['stray']));
  });
});

describe('the look at containers', () => {
  it('tells a task that its container has ended though the first node that saw it died before it could', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const attempt = await launchAttempt(db, task);
    await markLaunched(db, attempt.id, 'ended');
    await saveStep(db, task, { next: { kind: 'wait', seconds: 3_600, isCutBySignals: true } });
    const sweepOnce = async (): Promise<void> => {
      const stop = new AbortController();
      const snapshot = { kind: 'seen', at: new Date().toISOString(), lastStatus: 'STOPPED', desiredStatus: 'STOPPED' };
      const access = {
        listRunning: () => Promise.resolve([]),
        ecs: {
          describe() {
            stop.abort();
            return Promise.resolve(snapshot);
          },
        },
      } as unknown as ClusterAccess;
      await sweepContainers(
        engineDeps(db, [], {
          sweepSeconds: 31,
          clock: new HastyClock(),
          clusters: {
            openActive: () => Promise.resolve(access),
            listCandidates: () => Promise.resolve([]),
            openOf: () => Promise.resolve(access),
            list: () => Promise.resolve([]),
          },
        }),
        stop.signal,
      );
    };
    // A node that dies between two statements leaves what it has committed. The constraint makes the second statement
    // fail.
    await sql`ALTER TABLE task ADD CONSTRAINT nobody_wakes CHECK (wake_seq = 0)`.execute(db);
    await sweepOnce();
    await sql`ALTER TABLE task DROP CONSTRAINT nobody_wakes`.execute(db);
    expect(await claim(db)).toEqual([]);
    await sweepOnce();
    expect((await claim(db)).map(({ id }) => id)).toEqual([task.id]);
  });
});
