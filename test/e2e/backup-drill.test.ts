import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReconcileReportView } from '../../controlplane/api/state/state-views.ts';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import { startEmbeddedPostgres } from '../../controlplane/postgres/embedded-postgres.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { makeServerDirectory } from '../kit/database/database-server.ts';
import { eventually } from '../kit/eventually.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { ServedInstallation } from '../kit/programs/served-installation.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';

// The way of docker/backup.md: a dump while a build runs, the loss of the database, a restore on another server.
//
//   WIP_DRILL=whole npx vitest run test/e2e/backup-drill.test.ts     waits, too, until what was left over is stopped (a minute)

const masterKey = randomBytes(32);
const MINUTES_MS = 180_000;
/** Lets the builds that run come to their end. */
const end = Promise.withResolvers<void>();

let wip: ServedInstallation;
let directories: string[];
/** Closes the servers, the newest first. */
const closers: (() => Promise<void>)[] = [];

async function startServer(directory: string): Promise<string> {
  const server = await startEmbeddedPostgres({ directory, log: new RecordingLog(), clock: systemClock });
  closers.unshift(() => server.close());
  return server.url;
}

/** Counts the containers of this test that run. */
async function countRunning(): Promise<number> {
  const isRunning = [...wip.launcher.agents.values()].map(({ ended }) =>
    Promise.race([ended.then(() => false), setImmediate(true)]),
  );
  return (await Promise.all(isRunning)).filter(Boolean).length;
}

beforeAll(async () => {
  directories = [await makeServerDirectory(), await makeServerDirectory()];
  wip = await ServedInstallation.start(
    simulatedBuild(async () => {
      await end.promise;
      return { runsFor: 0, stdout: 'built\n' };
    }),
  );
});
afterAll(async () => {
  end.resolve();
  await wip?.close();
  for (const close of closers) await close();
  for (const directory of directories ?? []) await rm(directory, { recursive: true, force: true });
});

describe('an installation whose database is lost', () => {
  let after: number;

  it('goes on from a dump with the build that ran, and stops nothing that it does not know', async () => {
    const lost = await startServer(directories[0]!);
    const { db, close } = openDatabase(lost, { poolSize: 2 });
    await migrate(db);
    await wip.configure(db, masterKey);
    await close();
    await wip.startNode('lost', { databaseUrl: lost, masterKey });
    const isBuilding = ({ state }: { state: string | null }): boolean => state === 'executeBuildScript';
    const before = await wip.addBuild('before');
    await wip.until(before, 'runs', isBuilding);
    const dumped = await wip.wipctl(['db', 'dump', 'drill.dump'], { WIP_DATABASE_URL: lost });
    expect(dumped).toMatchObject({ exitCode: 0, err: '' });
    after = await wip.addBuild('after');
    await wip.until(after, 'runs', isBuilding);
    await wip.endNode('lost', 'kill');
    await closers.shift()?.();

    expect(await wip.wipctl(['db', 'restore', 'drill.dump', '--data', directories[1]!])).toMatchObject({ exitCode: 0 });
    await wip.startNode('restored', { databaseUrl: await startServer(directories[1]!), masterKey });
    const report = await eventually('the container of the task that was added after the dump is found', async () => {
      const found = ReconcileReportView.parse(await wip.json('ecs', 'reconcile'));
      return found.unowned.count > 0 ? found : undefined;
    });
    expect(report).toMatchObject({ unownedAre: 'reported', adopted: { count: 1 }, unowned: { count: 1 } });
    expect(report.unowned.containers).toMatchObject([{ task: after }]);
    expect((await wip.wipctl(['doctor'])).out).toContain('wipctl ecs confirm-restore');
    expect(await countRunning()).toBe(2);

    end.resolve();
    expect(await wip.ended(before)).toMatchObject({ exitStatus: 'COMPLETED' });
    // One container each: the build that ran was not begun again.
    expect(wip.launcher.agents.size).toBe(2);
    const next = await wip.addBuild('next');
    expect(next).toBeGreaterThan(10_000);
    expect(await wip.ended(next)).toMatchObject({ exitStatus: 'COMPLETED' });
  });

  it('is whole again when a person has confirmed it', async () => {
    expect(await wip.wipctl(['ecs', 'confirm-restore'])).toMatchObject({ exitCode: 0 });
    expect((await wip.wipctl(['doctor'])).out).not.toContain('wipctl ecs confirm-restore');
    expect(await wip.json('ecs', 'reconcile')).toMatchObject({ unownedAre: 'stopped' });
  });

  it.runIf(process.env['WIP_DRILL'] === 'whole')('and stops the containers that nobody owns', async () => {
    await eventually('no container is left', async () => (await countRunning()) === 0, MINUTES_MS);
  });
});
