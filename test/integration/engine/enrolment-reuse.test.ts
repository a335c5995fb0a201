import { expect, it } from 'vitest';
import { ContainerSession } from '../../../controlplane/engine/container/container-session.ts';
import type { ClusterAccess } from '../../../controlplane/engine/engine-deps.ts';
import { enrolAttempt } from '../../../controlplane/store/attempts/enrol-attempt.ts';
import { findAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import { markLaunched, markVerified } from '../../../controlplane/store/attempts/mark-attempt.ts';
import { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { LivenessView } from '../../../controlplane/tasks/context.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const ADDRESS = { host: '127.0.0.1', port: 22 };
const ARN = 'arn:aws:ecs:local:000000000000:task/default/1';

/**
 * Uses the enrolment token of a container a second time. Returns the task's view of the container and the ARNs that
 * were stopped.
 */
async function afterReuse(
  verified: 'verified before' | 'not verified',
): Promise<{ view: LivenessView; stops: string[] }> {
  const { db } = await databases.fresh();
  const lease = await startedTask(db);
  const { uuid, id } = await launchAttempt(db, lease);
  await markLaunched(db, id, ARN);
  const first = {
    uuid,
    secretHash: (await findAttempt(db, { uuid }))!.secretHash,
    nonce: 'of the container',
    hostKey: 'ssh-ed25519 AAAA',
    agentVersion: '0.1.0',
    signingKeySealed: 'sealed',
    keyId: uuid,
  };
  expect((await enrolAttempt(db, first)).kind).toBe('enrolled');
  if (verified === 'verified before') await markVerified(db, id, ADDRESS);
  expect((await enrolAttempt(db, { ...first, nonce: 'of somebody else', hostKey: 'ssh-ed25519 BBBB' })).kind).toBe(
    'reused',
  );

  const stops: string[] = [];
  const seen = { kind: 'seen', at: new Date().toISOString(), lastStatus: 'RUNNING', desiredStatus: 'RUNNING' };
  const access = {
    ecs: {
      describe: () => Promise.resolve(seen),
      stopTask: (arn: string) => Promise.resolve(void stops.push(arn)),
    },
  } as unknown as ClusterAccess;
  const deps = engineDeps(db, [], {
    clusters: {
      openActive: () => Promise.resolve(access),
      listCandidates: () => Promise.resolve([]),
      openOf: () => Promise.resolve(access),
      list: () => Promise.resolve([]),
    },
  });
  const session = new ContainerSession(deps, {
    lease,
    uuid: lease.uuid,
    wip: new BasicWip({ uuid: 'u', options: {} }),
    effectKey: () => 'launch',
    attempts: 1,
    attempt: await findAttempt(db, { uuid }),
    signals: { ready: null, output: null, exit: null },
    now: new Date(),
    abort: new AbortController().signal,
  });
  return { view: await session.liveness(), stops };
}

it('a second use of an enrolment token stops the container that has not passed its SSH check', async () => {
  const { view, stops } = await afterReuse('not verified');
  expect(stops).toEqual([ARN]);
  expect(view).toMatchObject({ verdict: 'terminated', cause: 'enrolment-reused', retry: 'never' });
});

it('a second use of an enrolment token after the SSH check is refused, and the container goes on', async () => {
  const { view, stops } = await afterReuse('verified before');
  expect(stops).toEqual([]);
  expect(view.verdict).not.toBe('terminated');
  expect(view.cause).toBeNull();
});
