import type { EngineDeps } from '../../../controlplane/engine/engine-deps.ts';
import { sweepContainers } from '../../../controlplane/engine/sweep/sweep-containers.ts';
import { intendLaunch } from '../../../controlplane/store/attempts/intend-launch.ts';
import { markLaunched } from '../../../controlplane/store/attempts/mark-attempt.ts';
import type { AttemptRow, Db } from '../../../controlplane/store/schema.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { clusterRows, type ClusterRows } from './cluster-rows.ts';
import { engineDeps } from '../engine.ts';
import { HastyClock } from '../hasty-clock.ts';
import type { TestEcs } from './local-ecs.ts';
import { newAttempt, startedTask } from '../database/store.ts';

export interface EcsInstallation {
  readonly db: Db;
  readonly rows: ClusterRows;
  readonly deps: EngineDeps;
  /** Starts a container in the ECS cluster of the row, with or without an attempt that owns it. */
  run(name: string, owned: 'owned' | 'unanswered' | 'unowned'): Promise<{ arn: string; attempt: AttemptRow | null }>;
  /** Runs this many sweeps, half a minute apart. */
  sweep(times: number): Promise<void>;
  statusOf(arn: string, name?: string): Promise<string>;
}

/** Three rows mean the same ECS cluster, with other subnets or another way to launch, and one means another cluster. */
export async function ecsInstallation(db: Db, test: TestEcs): Promise<EcsInstallation> {
  const clock = new HastyClock();
  const plain = engineDeps(db, [], { clock, sweepSeconds: 30 });
  const rows = clusterRows(db, plain.masterKey, test, clock);
  const deps = { ...plain, clusters: rows.clusters };
  await setGroup(db, { name: 'Basic', maxRunning: 20 });
  await rows.save('default');
  await rows.save('other-subnets', { launch: { type: 'ec2', subnets: ['subnet-2'] } });
  await rows.save('by-arn', { cluster: 'arn:aws:ecs:local:000000000000:cluster/default' });
  await rows.save('second', { cluster: 'second' });
  const open = async (name: string) => {
    await rows.store.use(name);
    return rows.clusters.openActive();
  };
  return {
    db,
    rows,
    deps,
    async run(name, owned) {
      const access = await open(name);
      const task = await startedTask(db);
      const startedBy = `wip/${deps.installationId}/${task.id}/1`;
      let attempt: AttemptRow | null = null;
      if (owned !== 'unowned') {
        const intent = await intendLaunch(db, task, {
          effect: { key: `launch-${task.id}`, name: 'launch', scope: 'entry', request: 'sealed' },
          attempt: {
            ...newAttempt(1),
            cluster: name,
            location: { ...access.location },
            taskDefinition: test.definitionArn,
          },
        });
        if (intent.kind !== 'intended') throw new Error(`the launch was ${intent.kind}`);
        ({ attempt } = intent);
      }
      const answer = await access.ecs.runTask({
        cluster: access.cluster,
        taskDefinition: test.definitionArn,
        clientToken: `token-${startedBy}`.slice(-64),
        startedBy,
        count: 1,
        overrides: { containerOverrides: [] },
        tags: [],
      });
      if (answer.kind !== 'started') throw new Error(JSON.stringify(answer));
      if (attempt && owned === 'owned') await markLaunched(db, attempt.id, answer.arn);
      return { arn: answer.arn, attempt };
    },
    async sweep(times) {
      const stop = new AbortController();
      let left = times;
      const sleep = async (ms: number): Promise<void> => {
        await clock.sleep(ms);
        // Sleeps between calls are shorter and are not counted.
        if (ms >= 30_000 && (left -= 1) <= 0) stop.abort();
      };
      const counted = { now: () => clock.now(), monotonicMs: () => clock.monotonicMs(), sleep };
      await sweepContainers({ ...deps, clock: counted }, stop.signal);
    },
    async statusOf(arn, name = 'default') {
      const { ecs } = await open(name);
      const snapshot = await ecs.describe(arn, 'fresh');
      return snapshot.kind === 'seen' ? snapshot.desiredStatus : snapshot.kind;
    },
  };
}
