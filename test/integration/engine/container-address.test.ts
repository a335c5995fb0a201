import { expect, it } from 'vitest';
import { ContainerSession } from '../../../controlplane/engine/container/container-session.ts';
import type { ClusterAccess } from '../../../controlplane/engine/engine-deps.ts';
import { findAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import { markLaunched } from '../../../controlplane/store/attempts/mark-attempt.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { AttemptView } from '../../../controlplane/tasks/context.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

it('the control plane brings its secrets to the address that ECS reports, whatever the ready signal says', async () => {
  const { db } = await databases.fresh();
  const lease = await startedTask(db);
  const { id, uuid } = await launchAttempt(db, lease);
  await markLaunched(db, id, 'arn:aws:ecs:local:000000000000:task/default/1');
  const reported = { host: '127.0.0.1', port: 40_022 };
  const snapshot = { kind: 'seen', at: new Date().toISOString(), lastStatus: 'RUNNING', address: reported };
  const access = { ecs: { describe: () => Promise.resolve(snapshot) } } as unknown as ClusterAccess;
  // Only the address hints count. A thief of the enrolment token could send them.
  const ready = { host: '127.0.0.66', ports: { '22': 41_000 } } as unknown as AttemptView['ready'];
  const session = new ContainerSession(
    engineDeps(db, [], {
      clusters: {
        openActive: () => Promise.resolve(access),
        listCandidates: () => Promise.resolve([]),
        openOf: () => Promise.resolve(access),
        list: () => Promise.resolve([]),
      },
    }),
    {
      lease,
      uuid: lease.uuid,
      wip: new BasicWip({ uuid: 'u', options: {} }),
      effectKey: () => 'launch',
      attempts: 1,
      attempt: await findAttempt(db, { uuid }),
      signals: { ready, output: null, exit: null },
      now: new Date(),
      abort: new AbortController().signal,
    },
  );
  expect(await session.address()).toEqual(reported);
});
