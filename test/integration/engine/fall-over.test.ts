import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LaunchOutcome } from '../../../controlplane/containers/container.ts';
import { ContainerSession } from '../../../controlplane/engine/container/container-session.ts';
import { listAttempts } from '../../../controlplane/store/attempts/find-attempt.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { clusterRows, ECS_CLUSTERS, launchesInto, type ClusterRows } from '../../kit/ecs/cluster-rows.ts';
import { idleLauncher } from '../../kit/ecs/counting-ecs.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
let full: TestEcs;
let roomy: TestEcs;
beforeAll(async () => {
  // The definition of the rows needs 64 MiB.
  const resources = { cpu: 16_384, memory: 32 };
  full = await startTestEcs(PATIENT_CONTAINER, {
    launcher: idleLauncher,
    clusters: ECS_CLUSTERS,
    region: 'full',
    resources,
  });
  roomy = await startTestEcs(
    PATIENT_CONTAINER,
    { launcher: idleLauncher, clusters: ECS_CLUSTERS, region: 'roomy' },
    full,
  );
});
afterAll(async () => {
  await full.close();
  await roomy.close();
});
beforeEach(() => {
  full.ecs.faults.clear();
  roomy.ecs.faults.clear();
});

/** The step of a node ends here, as if the node had died. */
class NodeDied extends Error {}

interface Launching {
  readonly rows: ClusterRows;
  /** Ends the step at the n-th time that this failpoint is reached. */
  dieAt(failpoint: string, nth: number): void;
  /** Launches in the present entry of the state; a repetition is the same launch. `clusters`: what the task names. */
  launch(clusters?: readonly string[]): Promise<LaunchOutcome>;
  nextEntry(): void;
  attempts(): Promise<readonly AttemptRow[]>;
  /** Returns how many containers the task has had in each cluster. */
  containers(): Promise<{ full: number; roomy: number }>;
}

/** Prepares a task and two clusters: the active one is full, and falls back on one with room. */
async function launching(): Promise<Launching> {
  const { db } = await databases.fresh();
  const clock = new HastyClock();
  let death: { name: string; left: number } | null = null;
  const plain = engineDeps(db, [], {
    clock,
    failpoint: (name) => {
      if (death?.name !== name || (death.left -= 1) > 0) return Promise.resolve();
      death = null;
      return Promise.reject(new NodeDied(name));
    },
  });
  const rows = clusterRows(db, plain.masterKey, full, clock);
  const deps = { ...plain, clusters: rows.clusters };
  await rows.save('roomy', { endpoint: roomy.ecs.endpoint, region: 'roomy' });
  await rows.save('default', { region: 'full', fallback: ['roomy'] });
  const task = await startedTask(db);
  const prefix = `wip/${deps.installationId}/${task.id}/`;
  let entry = 1;
  return {
    rows,
    dieAt: (name, left) => (death = { name, left }),
    async launch(clusters = []) {
      // Rows of clusters are read again after five seconds, so more time than that passes.
      await clock.sleep(6_000);
      const attempts = await listAttempts(db, task.id);
      const { rows: tasks } = await sql<{ current: number | null }>`
        SELECT current_attempt AS current FROM task WHERE id = ${task.id}`.execute(db);
      const session = new ContainerSession(deps, {
        lease: task,
        uuid: task.uuid,
        wip: { kind: 'Basic', group: 'Basic', clusters, containerSize: {} },
        effectKey: (scope, name) => `${task.id}-${scope}-${entry}-${name}`,
        attempts: attempts.length,
        attempt: attempts.find(({ number }) => number === tasks[0]?.current) ?? null,
        signals: { ready: null, output: null, exit: null },
        now: clock.now(),
        abort: new AbortController().signal,
      });
      return session.newContainer({}).run();
    },
    nextEntry: () => (entry += 1),
    attempts: () => listAttempts(db, task.id),
    async containers() {
      const of = async (ecs: TestEcs) => (await launchesInto(ecs)).filter((by) => by.startsWith(prefix)).length;
      return { full: await of(full), roomy: await of(roomy) };
    },
  };
}

describe('a launch into a cluster without room', () => {
  it('goes to the cluster that it falls back on, and the reason is stored with the attempt', async () => {
    const one = await launching();
    expect(await one.launch()).toMatchObject({
      kind: 'launched',
      arn: expect.stringContaining(':roomy:'),
      reason: expect.stringMatching(/^"default" has no room \(.+\)$/),
    });
    expect(await one.containers()).toEqual({ full: 0, roomy: 1 });
    expect(await one.attempts()).toMatchObject([
      { number: 1, cluster: 'default', state: 'void', clusterReason: 'it is the active cluster' },
      {
        number: 2,
        cluster: 'roomy',
        state: 'launched',
        clusterReason: expect.stringContaining('"default" has no room'),
      },
    ]);
  });

  it('waits where nothing is to fall back on, and begins with the first cluster again', async () => {
    const one = await launching();
    await one.rows.save('default', { region: 'full' });
    expect(await one.launch()).toMatchObject({ kind: 'no_resources' });
    await one.rows.save('default', { region: 'full', fallback: ['roomy'] });
    one.nextEntry();
    expect(await one.launch()).toMatchObject({ kind: 'launched' });
    expect((await one.attempts()).map(({ cluster }) => cluster)).toEqual(['default', 'default', 'roomy']);
  });

  it('stays there while its launch is not answered: one container exactly', async () => {
    const one = await launching();
    await one.rows.save('default', { region: 'full', endpoint: roomy.ecs.endpoint, fallback: ['roomy'] });
    roomy.ecs.faults.add([{ kind: 'reset-after', action: 'RunTask', times: 3 }]);
    expect(await one.launch()).toMatchObject({ kind: 'no_information' });
    one.nextEntry();
    expect(await one.launch()).toMatchObject({ kind: 'launched' });
    expect((await one.attempts()).map(({ cluster }) => cluster)).toEqual(['default']);
    expect(await one.containers()).toEqual({ full: 0, roomy: 1 });
  });

  it.each(
    ['before-launch-intent', 'after-launch-intent', 'before-launch-settled', 'after-launch-settled'].flatMap((name) =>
      [1, 2].map((nth) => [name, nth] as const),
    ),
  )('has one container though the node dies at %s, time %i', async (name, nth) => {
    const one = await launching();
    one.dieAt(name, nth);
    await expect(one.launch()).rejects.toThrow(NodeDied);
    expect(await one.launch()).toMatchObject({ kind: 'launched' });
    expect(await one.launch()).toMatchObject({ kind: 'launched' });
    expect(await one.containers()).toEqual({ full: 0, roomy: 1 });
    expect((await one.attempts()).map(({ cluster, state }) => [cluster, state])).toEqual([
      ['default', 'void'],
      ['roomy', 'launched'],
    ]);
  });

  it('has one container though the node dies while the answer of the second one is lost', async () => {
    const one = await launching();
    roomy.ecs.faults.add([{ kind: 'reset-after', action: 'RunTask', times: 3 }]);
    expect(await one.launch()).toMatchObject({ kind: 'no_information' });
    one.nextEntry();
    expect(await one.launch()).toMatchObject({ kind: 'launched', arn: expect.stringContaining(':roomy:') });
    expect(await one.containers()).toEqual({ full: 0, roomy: 1 });
  });
});

describe('the clusters of a launch', () => {
  it('are those of the task, else of its group, else the active one', async () => {
    const one = await launching();
    await one.rows.save('third', { endpoint: roomy.ecs.endpoint, region: 'roomy' });
    expect(await one.launch(['third'])).toMatchObject({ kind: 'launched' });
    expect(await one.attempts()).toMatchObject([{ cluster: 'third', clusterReason: 'the task names it' }]);

    const other = await launching();
    await setGroup(other.rows.db, { name: 'Basic', clusters: ['roomy', 'default'] });
    expect(await other.launch()).toMatchObject({ kind: 'launched' });
    expect(await other.attempts()).toMatchObject([{ cluster: 'roomy', clusterReason: 'its group "Basic" names it' }]);
  });

  it('are not others when the named one is not there', async () => {
    const one = await launching();
    expect(await one.launch(['mistyped'])).toMatchObject({ kind: 'no_information', cause: 'cluster-unknown' });
    expect(await one.containers()).toEqual({ full: 0, roomy: 0 });
  });
});
