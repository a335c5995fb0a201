import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import type { DoctorCheck } from '../../../controlplane/api/doctor/doctor-views.ts';
import { setPause } from '../../../controlplane/store/control/pauses.ts';
import { markLaunched, markStopped, markWitnessed } from '../../../controlplane/store/attempts/mark-attempt.ts';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { RESTORED } from '../../../controlplane/store/operation/restored.ts';
import { setSetting } from '../../../controlplane/store/settings/settings.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import { troubleWords } from '../../../controlplane/store/trouble-words.ts';
import { createHealthService } from '../../../controlplane/api/health/health-service.ts';
import { blockLaunch } from '../../kit/ecs/block-launch.ts';
import { createDoctorService, type DoctorServiceDeps } from '../../../controlplane/api/doctor/doctor-service.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database/database.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';
import { addBasic, claim, launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

let publicUrl: string;
let closeServer: () => Promise<void>;
beforeEach(async () => {
  const app = createHttpApi(new MemoryServices().apiDeps);
  publicUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  closeServer = () => app.close();
});
afterEach(() => closeServer());

/** Returns the doctor's findings by the name of the check. */
async function examine(
  { db, url }: Pick<TestDatabase, 'db' | 'url'>,
  changes: Partial<DoctorServiceDeps> = {},
): Promise<Record<string, DoctorCheck>> {
  const { checks } = await createDoctorService({
    db,
    databaseUrl: url,
    node: 'node-1',
    version: '1.0.0',
    clock: systemClock,
    nodeLiveSeconds: 35,
    leaseSeconds: 30,
    publicUrl: () => publicUrl,
    whyEngineNotReady: () => null,
    hasNamesake: () => false,
    findActiveCluster: () => Promise.resolve({ name: 'default', isLocal: true }),
    checkCluster: () => Promise.resolve({ status: 'ACTIVE' }),
    examineCluster: () => Promise.resolve([]),
    createId: () => 'test',
    ...changes,
  }).examine();
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

function outcomes(checks: Record<string, DoctorCheck>): Record<string, string> {
  return Object.fromEntries(Object.entries(checks).map(([name, { outcome }]) => [name, outcome]));
}

/** Returns a clock that is ahead of the database's by `seconds`. */
function clockAhead(seconds: number): Clock {
  return { ...systemClock, now: () => new Date(Date.now() + seconds * 1000) };
}

const HEALTHY = {
  database: 'ok',
  locks: 'ok',
  notifications: 'ok',
  clock: 'ok',
  engine: 'ok',
  nodes: 'ok',
  reaper: 'ok',
  stops: 'ok',
  ecs: 'ok',
  permissions: 'ok',
  launches: 'ok',
  'public url': 'ok',
};

describe('the doctor', () => {
  it('finds nothing where nothing is broken, and changes nothing', async () => {
    const database = await databases.fresh();
    await heartbeatNode(database.db, { name: 'node-1', version: '1.0.0' });
    const before = await database.db.selectFrom('setting').selectAll().execute();
    const checks = await examine(database);
    expect(outcomes(checks)).toEqual(HEALTHY);
    expect(Object.values(checks).filter(({ remedy }) => remedy !== null)).toEqual([]);
    expect(await database.db.selectFrom('setting').selectAll().execute()).toEqual(before);
  });

  it('sees that a hard pause keeps a task that a dead node left', async () => {
    const database = await databases.fresh();
    const { db } = database;
    await startedTask(db);
    await setPause(db, { scope: 'global' }, 'hard');
    await sql`UPDATE task SET lease_until = now() - interval '5 minutes'`.execute(db);
    expect(await claim(db)).toEqual([]);
    expect((await examine(database))['engine']).toMatchObject({
      outcome: 'warning',
      message: '1 task(s) have had no node for more than 30 s and were not taken over.',
      remedy: expect.stringContaining('hard pause'),
    });
  });

  it('names the version of a class that no living node has, and the tasks that wait for it', async () => {
    const database = await databases.fresh();
    const { db } = database;
    const sleeping = await startedTask(db);
    await sql`UPDATE task SET status = 1, owner = NULL, lease_until = NULL WHERE id = ${sleeping.id}`.execute(db);
    await addBasic(db);
    await heartbeatNode(db, { name: 'n2', version: '1.0.0', classes: [{ kind: 'Basic', classVersion: '2' }] });
    expect((await examine(database))['engine']).toMatchObject({
      outcome: 'warning',
      message: '2 task(s) cannot go on: no living node has version 1 of Basic.',
      remedy: 'Start a node that has it, or one whose version of it migrates such tasks.',
    });
  });

  it('tells of the calls that the credentials are denied, and of what no call can prove', async () => {
    const database = await databases.fresh();
    const denied = {
      name: 'ecs:RunTask',
      outcome: 'failed',
      message: 'Denied, and Wip launches containers: AccessDeniedException: no.',
      remedy: 'Allow ecs:RunTask in the policy of these credentials.',
    } as const;
    const passRole = {
      name: 'iam:PassRole',
      outcome: 'unchecked',
      message: 'No harmless call.',
      remedy: null,
    } as const;
    const checks = await examine(database, { examineCluster: () => Promise.resolve([passRole, denied]) });
    expect(checks['permissions']).toMatchObject({
      outcome: 'failed',
      message: 'ecs:RunTask: Denied, and Wip launches containers: AccessDeniedException: no.',
      remedy: denied.remedy,
    });
    const proven = await examine(database, { examineCluster: () => Promise.resolve([passRole]) });
    expect(proven['permissions']).toMatchObject({ outcome: 'ok', message: expect.stringContaining('iam:PassRole') });
  });

  it('does not say that calls are allowed which had no answer', async () => {
    const database = await databases.fresh();
    const silent = {
      name: 'ecs:RunTask',
      outcome: 'warning',
      message: 'There was no answer: ECS cannot be reached.',
      remedy: 'Try again.',
    } as const;
    const image = { ...silent, name: 'image wip/agent:latest', message: 'It has no fixed tag.' };
    const { permissions } = await examine(database, { examineCluster: () => Promise.resolve([image, silent]) });
    expect(permissions).toMatchObject({
      outcome: 'warning',
      message:
        'Whether the cluster "default" allows ecs:RunTask is not known. There was no answer: ECS cannot be reached.',
      remedy: 'Try again.',
    });
    expect(outcomes(await examine(database, { examineCluster: () => Promise.resolve([image]) }))['permissions']).toBe(
      'ok',
    );
  });

  it.each([
    ['ecs-unreachable', 90, 'failed'],
    ['access-denied', 90, 'failed'],
    ['access-denied', 5, 'warning'],
    ['cluster-missing', 3_600, 'failed'],
    ['no-capacity', 3_000, 'warning'],
  ])('says that a task waits for its launch because of %s for %i s: %s', async (code, seconds, outcome) => {
    const database = await databases.fresh();
    await blockLaunch(database.db, { code, seconds });
    const { launches } = await examine(database);
    expect(launches).toMatchObject({ outcome, remedy: 'Give them the rights.' });
    expect(launches!.message).toMatch(/^1 task has waited .* for a launch because ECS does not allow this\.$/);
    const health = createHealthService({
      db: database.db,
      clock: systemClock,
      version: '1',
      isEnding: () => false,
      whyEngineNotReady: () => null,
      directory: null,
    });
    const { reasons, launches: blocks } = await health.findReadiness();
    expect(reasons).toEqual([]);
    expect(blocks[0]).toMatch(/^1 task has waited .* because ECS does not allow this\. Give them the rights\.$/);
  });

  it('gives a takeover the time it takes', async () => {
    const database = await databases.fresh();
    await startedTask(database.db);
    await sql`UPDATE task SET lease_until = now() - interval '5 seconds'`.execute(database.db);
    expect((await examine(database))['engine']!.outcome).toBe('ok');
  });

  it.each([
    [0, 'ok', 'agree'],
    [60, 'warning', 's ahead of that of the database'],
    [-60, 'warning', 's behind that of the database'],
    [1_000, 'failed', 'ahead of'],
    [-1_000, 'failed', 'behind'],
  ])('compares clocks: a node %d s ahead is %s', async (seconds, outcome, text) => {
    const database = await databases.fresh();
    const { clock } = await examine(database, { clock: clockAhead(seconds) });
    expect(clock).toMatchObject({ outcome, message: expect.stringContaining(text) });
  });

  it('says why the node takes no tasks', async () => {
    const { engine } = await examine(await databases.fresh(), {
      whyEngineNotReady: () => ({ reason: 'it is ill', remedy: 'Heal it' }),
    });
    expect(engine).toMatchObject({
      outcome: 'failed',
      message: 'This node takes no tasks because it is ill.',
      remedy: 'Heal it.',
    });
  });

  it('has for a full disk of the database the remedy that the log has: it said "look at its log"', async () => {
    const { engine } = await examine(await databases.fresh(), {
      whyEngineNotReady: () => troubleWords('disk-full'),
    });
    expect(engine).toMatchObject({ outcome: 'failed', remedy: 'Give it more room.' });
  });

  it('names nodes of other versions, and misses those that have said nothing', async () => {
    const database = await databases.fresh();
    expect((await examine(database))['nodes']!.outcome).toBe('warning');
    await heartbeatNode(database.db, { name: 'node-1', version: '1.0.0' });
    await heartbeatNode(database.db, { name: 'node-2', version: '0.9.0' });
    expect((await examine(database))['nodes']).toMatchObject({
      outcome: 'warning',
      message: 'Nodes of different versions run: node-1 (1.0.0), node-2 (0.9.0).',
    });
  });

  it('tells that another process goes by the name of the node', async () => {
    const database = await databases.fresh();
    expect((await examine(database, { hasNamesake: () => true }))['nodes']).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('the name of this node, "node-1", too'),
      remedy: expect.stringContaining('a name of its own'),
    });
  });

  it('tells of a container that runs on because ECS has not accepted its stop', async () => {
    const database = await databases.fresh();
    const attempt = await launchAttempt(database.db, await startedTask(database.db));
    await markLaunched(database.db, attempt.id, 'arn');
    expect((await examine(database))['stops']).toMatchObject({ outcome: 'ok' });
    const since = '2026-01-01T00:00:00.000Z';
    const look = { kind: 'unknown', at: since, error: 'unavailable', sentence: '' } as const;
    const stopFailure = { since, at: since, sentence: 'StopTask failed: AccessDeniedException.' };
    await markWitnessed(database.db, attempt.id, { ecs: { look, seenAt: null, stoppedAt: null, stopFailure } });
    expect((await examine(database))['stops']).toMatchObject({
      outcome: 'warning',
      message: `Since ${since} ECS has not accepted the stop of container 1 of task ${attempt.taskId} in the cluster "default", which may run on: StopTask failed: AccessDeniedException.`,
    });
    await markStopped(database.db, attempt.id, 'stopped');
    expect((await examine(database))['stops']).toMatchObject({ outcome: 'ok' });
  });

  it('reminds of a restore that nobody has confirmed', async () => {
    const database = await databases.fresh();
    await setSetting(database.db, RESTORED, { at: '2026-01-02T00:00:00Z', dumpedAt: '2026-01-01T00:00:00Z' });
    expect((await examine(database))['reaper']).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining('2026-01-01T00:00:00Z'),
      remedy: expect.stringContaining('wipctl ecs confirm-restore'),
    });
  });

  it('refuses a database whose transactions see less than claims need', async () => {
    const { db, url } = await databases.fresh();
    await sql
      .raw(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_isolation TO serializable`)
      .execute(db);
    const strict = openDatabase(url, { poolSize: 4 });
    const checks = await examine({ db: strict.db, url });
    await strict.close();
    expect(checks['database']).toMatchObject({ outcome: 'failed', message: expect.stringContaining('"serializable"') });
  });

  it('misses notifications that do not arrive, without waiting for ever', async () => {
    const database = await databases.fresh();
    // The node listens on one database and notifies another.
    const { url } = await databases.fresh();
    const clock: Clock = {
      ...systemClock,
      sleep: (ms, signal) => (ms <= 5_000 ? setImmediate() : systemClock.sleep(ms, signal)),
    };
    const { notifications } = await examine(database, { databaseUrl: url, clock });
    expect(notifications).toMatchObject({ outcome: 'warning', message: expect.stringContaining('do not arrive') });
  });

  it('answers when the database does not', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/none';
    const nowhere = openDatabase(url, { poolSize: 4 });
    const checks = await examine({ db: nowhere.db, url });
    await nowhere.close();
    const failed = { database: 'failed', locks: 'failed', notifications: 'failed', clock: 'failed' };
    expect(outcomes(checks)).toEqual({
      ...HEALTHY,
      ...failed,
      launches: 'failed',
      engine: 'failed',
      nodes: 'failed',
      reaper: 'failed',
      stops: 'failed',
    });
    expect(checks['database']!.message).toContain('ECONNREFUSED');
    expect(checks['database']!.remedy).toBe('Check its address and that it runs.');
  });

  it('repeats what ECS said, and gives up on what does not answer', async () => {
    const database = await databases.fresh();
    const refusal = new OperationalError('ECS_REFUSED', { happened: 'The key is wrong', remedy: 'Correct it' });
    const refused = await examine(database, { checkCluster: () => Promise.reject(refusal) });
    expect(refused['ecs']).toMatchObject({ outcome: 'failed', message: 'The key is wrong. Correct it.', remedy: null });
    const silent = await examine(database, {
      clock: new HastyClock(),
      checkCluster: () => new Promise<never>(() => undefined),
    });
    expect(silent['ecs']).toMatchObject({ outcome: 'failed', message: 'There was no answer within 10 s.' });
  });

  it('sees that containers elsewhere cannot report to this machine', async () => {
    const checks = await examine(await databases.fresh(), {
      findActiveCluster: () => Promise.resolve({ name: 'aws', isLocal: false }),
    });
    expect(checks['public url']).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('which is their own machine'),
    });
  });

  it('sees a public url behind which nobody or somebody else answers', async () => {
    const database = await databases.fresh();
    const other = await examine(database, { publicUrl: () => `${publicUrl}/elsewhere` });
    expect(other['public url']).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('it answers 404'),
    });
    await closeServer();
    const nobody = await examine(database);
    expect(nobody['public url']).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('does not reach'),
    });
  });
});
