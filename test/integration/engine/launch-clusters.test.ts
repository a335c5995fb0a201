import { randomUUID } from 'node:crypto';
import { CreateClusterCommand } from '@aws-sdk/client-ecs';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerInterface } from '../../../controlplane/containers/container.ts';
import { ContainerSession } from '../../../controlplane/engine/container/container-session.ts';
import type { EngineDeps } from '../../../controlplane/engine/engine-deps.ts';
import { findAttempt, listAttempts } from '../../../controlplane/store/attempts/find-attempt.ts';
import { readFleetFigures } from '../../../controlplane/store/operation/fleet-figures.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import { clusterRows, ECS_CLUSTERS, launchesInto, type ClusterRows } from '../../kit/ecs/cluster-rows.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { openSdk, PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
let test: TestEcs;
// Stands for another region: another server, which does not know the first one's client tokens.
let elsewhere: TestEcs;
beforeAll(async () => {
  test = await startTestEcs(PATIENT_CONTAINER, { clusters: ECS_CLUSTERS });
  elsewhere = await startTestEcs(PATIENT_CONTAINER, { clusters: ECS_CLUSTERS, region: 'elsewhere' }, test);
});
afterAll(async () => {
  await test.close();
  await elsewhere.close();
});
beforeEach(() => test.ecs.faults.clear());

class Kind extends BasicWip<object> {
  override getStateTable(): string {
    return 'start {\n  * finish\n}\n';
  }
}

type Failpoint = EngineDeps['failpoint'];

interface Launching {
  readonly db: Db;
  readonly rows: ClusterRows;
  readonly deps: EngineDeps;
  readonly task: ClaimedTask;
  /** Returns `startedBy` of the task's containers without the id of the installation. */
  starter(attempt: number): string;
  /** Makes the container of a later step: the task is read again, and each entry is another launch. */
  step(): Promise<{ readonly made: ContainerInterface; readonly session: ContainerSession }>;
  /** Returns the launches for this task in each region. */
  launches(): Promise<Record<string, string[]>>;
}

/** Settings of the row `second`: a cluster of the same name in the other region. */
function second(): { endpoint: string; region: string } {
  return { endpoint: elsewhere.ecs.endpoint, region: 'elsewhere' };
}

/** Prepares a task whose containers are launched into the active one of two rows, `default` and `second`. */
async function launching(failpoint: Failpoint = () => Promise.resolve()): Promise<Launching> {
  const { db } = await databases.fresh();
  const clock = new HastyClock();
  const plain = engineDeps(db, [], { clock, failpoint });
  const rows = clusterRows(db, plain.masterKey, test, clock);
  const deps = { ...plain, clusters: rows.clusters };
  await rows.save('default');
  await rows.save('second', second());
  const task = await startedTask(db);
  const prefix = `wip/${deps.installationId}/${task.id}/`;
  let entries = 0;
  return {
    db,
    rows,
    deps,
    task,
    starter: (attempt) => `${prefix}${attempt}`,
    async step() {
      entries += 1;
      // Rows of clusters are read again after five seconds, so more time than that passes.
      await clock.sleep(6_000);
      const attempts = await listAttempts(db, task.id);
      const { currentAttempt } = await db
        .selectFrom('task')
        .select('currentAttempt')
        .where('id', '=', task.id)
        .executeTakeFirstOrThrow();
      const key = `launch-${entries}-${randomUUID()}`;
      const session = new ContainerSession(deps, {
        lease: task,
        uuid: task.uuid,
        wip: new Kind({ uuid: task.uuid, options: {} }),
        effectKey: () => key,
        attempts: attempts.length,
        attempt: attempts.find(({ number }) => number === currentAttempt) ?? null,
        signals: { ready: null, output: null, exit: null },
        now: clock.now(),
        abort: new AbortController().signal,
      });
      return { made: session.newContainer({}), session };
    },
    async launches() {
      const of = async (ecs: TestEcs) => (await launchesInto(ecs)).filter((by) => by.startsWith(prefix));
      return { first: await of(test), second: await of(elsewhere) };
    },
  };
}

async function loseAnswer({ step }: Launching): Promise<void> {
  test.ecs.faults.add([{ kind: 'reset-after', action: 'RunTask', times: 3 }]);
  expect(await (await step()).made.run()).toMatchObject({ kind: 'no_information', cause: 'ecs-unavailable' });
}

describe('an attempt whose cluster ECS does not know', () => {
  const refused = async (): Promise<Launching> => {
    const one = await launching();
    await one.rows.save('default', { cluster: 'gone' });
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'no_information', cause: 'cluster-missing' });
    return one;
  };

  it.each(['is still stored', 'was deleted'])(
    'is no living container once its task ends (the row of it %s)',
    async (how) => {
      const one = await refused();
      if (how === 'was deleted') await sql`DELETE FROM ecs_cluster WHERE name = 'default'`.execute(one.db);
      await one.rows.save('second', { ...second(), accessKeyId: 'of-another-account' });
      await one.rows.store.use('second');
      const { session } = await one.step();
      await session.container()!.kill('over');
      expect(session.container()).toBeNull();
      expect(await listAttempts(one.db, one.task.id)).toMatchObject([{ state: 'void', arn: null }]);
      expect((await readFleetFigures(one.db)).containers).toEqual([]);
    },
  );

  it('may have a container when its launch was not answered, and then it stays as it is', async () => {
    const one = await launching();
    await loseAnswer(one);
    await sql`DELETE FROM ecs_cluster WHERE name = 'default'`.execute(one.db);
    await one.rows.save('second', { ...second(), accessKeyId: 'of-another-account' });
    await one.rows.store.use('second');
    const { session } = await one.step();
    await expect(session.container()!.kill('over')).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' });
    expect(await listAttempts(one.db, one.task.id)).toMatchObject([{ state: 'intended' }]);
  });
});

describe('an attempt whose launch was not answered', () => {
  it('has one container though the active cluster is switched before the launch is repeated', async () => {
    const one = await launching();
    await loseAnswer(one);
    await one.rows.store.use('second');
    const { made, session } = await one.step();
    const outcome = await made.run();
    expect(outcome).toMatchObject({ kind: 'launched', arn: expect.stringContaining('arn:aws:ecs:local:') });
    expect(await one.launches()).toEqual({ first: [one.starter(1)], second: [] });
    // Address, description and stop go to the cluster in which the container runs.
    expect(await eventually('an address', () => session.address())).toMatchObject({ port: 40_022 });
    await session.container()!.kill('over');
    await eventually('the stop', () => session.container()!.hasStopped());
  });

  it('has one container though the row of its cluster means another cluster by now', async () => {
    const one = await launching();
    await loseAnswer(one);
    await one.rows.save('default', second());
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'launched' });
    expect(await one.launches()).toEqual({ first: [one.starter(1)], second: [] });
  });

  it('is found through another row of the same ECS cluster when its own is gone', async () => {
    const one = await launching();
    await one.rows.save('other-subnets', { cluster: 'arn:aws:ecs:local:000000000000:cluster/default' });
    await loseAnswer(one);
    await sql`DELETE FROM ecs_cluster WHERE name = 'default'`.execute(one.db);
    await one.rows.store.use('second');
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'launched' });
    expect(await one.launches()).toEqual({ first: [one.starter(1)], second: [] });
  });

  it('says that nothing leads to its cluster any more, launches nothing elsewhere, and goes on when something does', async () => {
    const one = await launching();
    await loseAnswer(one);
    await sql`DELETE FROM ecs_cluster WHERE name = 'default'`.execute(one.db);
    await one.rows.save('second', { ...second(), accessKeyId: 'of-another-account' });
    await one.rows.store.use('second');
    const { made, session } = await one.step();
    expect(await made.run()).toMatchObject({
      kind: 'no_information',
      cause: 'cluster-unknown',
      remedy: expect.stringContaining('wipctl clusters save'),
    });
    expect(await session.container()!.hasStopped()).toBe(false);
    expect(await one.launches()).toEqual({ first: [one.starter(1)], second: [] });
    await one.rows.save('default');
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'launched' });
  });

  it('is given up for a new one in the corrected cluster when ECS says that its cluster does not exist', async () => {
    const one = await launching();
    await one.rows.save('default', { cluster: 'mistyped' });
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'no_information', cause: 'cluster-missing' });
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'no_information', cause: 'cluster-missing' });
    await one.rows.save('default');
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'launched' });
    expect(await one.launches()).toEqual({ first: [one.starter(2)], second: [] });
  });

  it('is given up as well when the corrected ARN names another account', async () => {
    const one = await launching();
    await one.rows.save('default', { cluster: 'arn:aws:ecs:local:111111111111:cluster/mistyped' });
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'no_information', cause: 'cluster-missing' });
    const sdk = openSdk(test.ecs);
    await sdk.send(new CreateClusterCommand({ clusterName: 'mistyped' }));
    await one.rows.save('default', { cluster: 'arn:aws:ecs:local:000000000000:cluster/mistyped' });
    const { made } = await one.step();
    expect(await made.run()).toMatchObject({ kind: 'launched' });
    expect((await listAttempts(one.db, one.task.id)).map(({ state }) => state)).toEqual(['void', 'launched']);
    await made.kill('the test is over');
    sdk.destroy();
  });
});

describe('a new attempt', () => {
  it('goes to the active cluster, after the one before it has stopped in its own', async () => {
    const one = await launching();
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'launched' });
    await one.rows.store.use('second');
    // A restart does the same: the attempt is no longer the current one, and its container must stop first.
    await sql`UPDATE task SET current_attempt = NULL WHERE id = ${one.task.id}`.execute(one.db);
    expect(await (await one.step()).made.run()).toMatchObject({ kind: 'no_information', cause: 'previous-container' });
    const arn = await eventually('the next launch', async () => {
      const outcome = await (await one.step()).made.run();
      return outcome.kind === 'launched' ? outcome.arn : undefined;
    });
    expect(arn).toContain('arn:aws:ecs:elsewhere:');
    expect(await one.launches()).toEqual({ first: [one.starter(1)], second: [one.starter(2)] });
    const second = await findAttempt(one.db, { taskId: one.task.id, number: 2 });
    expect(second).toMatchObject({ cluster: 'second', location: { cluster: 'default', region: 'elsewhere' } });
  });

  it('is not intended for a row that was deleted since it was read', async () => {
    let deletions = 0;
    const one: Launching = await launching(async (name) => {
      if (name !== 'before-launch-intent' || deletions > 0) return;
      deletions += 1;
      await one.rows.store.use('default');
      await one.rows.store.delete('second');
    });
    await one.rows.store.use('second');
    const { made } = await one.step();
    expect(await made.run()).toMatchObject({ kind: 'launched', arn: expect.stringContaining('arn:aws:ecs:local:') });
    expect(deletions).toBe(1);
  });
});
