import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { ClusterAccess, EngineDeps } from '../../../controlplane/engine/engine-deps.ts';
import { endClassless } from '../../../controlplane/engine/sweep/end-classless.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { markLaunched } from '../../../controlplane/store/attempts/mark-attempt.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { addBasic, launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const said = (version: string) => ({
  name: 'node-1',
  version: '1.0.0',
  classes: [{ kind: 'Basic', classVersion: version }],
});

/** Prepares a task of version 1 of its class that waits with a container, in a group with one slot. */
async function waiting(nodeHas: string) {
  const { db } = await databases.fresh();
  const task = await startedTask(db);
  const { id } = await launchAttempt(db, task);
  await markLaunched(db, id, 'arn-1');
  await sql`UPDATE task SET status = 1, owner = NULL, lease_until = NULL, wake_at = now() + interval '1 hour'`.execute(
    db,
  );
  await heartbeatNode(db, said(nodeHas));
  return { db, task };
}

async function requestEnd(db: Db, secondsAgo: number): Promise<void> {
  await sql`UPDATE task SET terminate_requested_at = now() - make_interval(secs => ${secondsAgo})`.execute(db);
}

/** Returns the ARNs of the containers that a round stops. */
async function round(db: Db, stopTask: (arn: string) => Promise<void> = () => Promise.resolve()): Promise<string[]> {
  const stops: string[] = [];
  const ecs = { stopTask: (arn: string) => stopTask(arn).then(() => void stops.push(arn)) };
  const plain = engineDeps(db, []);
  const openOf = () => Promise.resolve({ ecs } as unknown as ClusterAccess);
  const deps: EngineDeps = { ...plain, clusters: { ...plain.clusters, openOf } };
  await endClassless(deps, new AbortController().signal);
  return stops;
}

async function stateOf(db: Db, { id }: Pick<ClaimedTask, 'id'>) {
  const { status, cause, exitMessage } = await db
    .selectFrom('task')
    .select(['status', 'cause', 'exitMessage'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const { running } = await db.selectFrom('groupLimit').select('running').executeTakeFirstOrThrow();
  return { status, cause, exitMessage, running };
}

describe('a terminated task whose class no node has', () => {
  it('has its container stopped, ends, and frees its slot of the group', async () => {
    const { db, task } = await waiting('2');
    await requestEnd(db, 61);
    expect(await round(db)).toEqual(['arn-1']);
    expect(await stateOf(db, task)).toEqual({
      status: 3,
      cause: 'class-missing',
      exitMessage: 'It was ended without the code of its class, because no node has version 1 of Basic.',
      running: 0,
    });
  });

  it('keeps its slot as long as ECS does not accept the stop of its container', async () => {
    const { db, task } = await waiting('2');
    await requestEnd(db, 61);
    const refuse = () =>
      Promise.reject(new OperationalError('ECS_REFUSED', { happened: 'StopTask failed', remedy: 'Wait' }));
    expect(await round(db, refuse)).toEqual([]);
    expect(await stateOf(db, task)).toMatchObject({ status: 1, running: 1 });
    expect(await round(db)).toEqual(['arn-1']);
    expect(await stateOf(db, task)).toMatchObject({ status: 3, running: 0 });
  });

  it('is left to a node with its class within the first minute, and while a node has it', async () => {
    const soon = await waiting('2');
    await requestEnd(soon.db, 30);
    expect(await round(soon.db)).toEqual([]);
    const served = await waiting('1');
    await requestEnd(served.db, 3_600);
    expect(await round(served.db)).toEqual([]);
    expect(await stateOf(served.db, served.task)).toMatchObject({ status: 1, running: 1 });
  });

  it('ends in the queue as well, where it holds no slot', async () => {
    const { db } = await databases.fresh();
    const { id } = await addBasic(db);
    await heartbeatNode(db, said('2'));
    await requestEnd(db, 61);
    expect(await round(db)).toEqual([]);
    expect(await stateOf(db, { id })).toMatchObject({ status: 3, cause: 'class-missing', running: 0 });
  });
});
