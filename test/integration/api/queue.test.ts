import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createCauseService } from '../../../controlplane/api/causes/cause-service.ts';
import { CausesAnswer, SeenBeforeAnswer } from '../../../controlplane/api/causes/cause-views.ts';
import { EcsQuotasAnswer } from '../../../controlplane/api/clusters/cluster-views.ts';
import { createGroupTimesService } from '../../../controlplane/api/groups/group-times-service.ts';
import { createQueueService } from '../../../controlplane/api/queue/queue-service.ts';
import { restartTask } from '../../../controlplane/store/control/control-task.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { EXIT_STATUS, type ExitStatus } from '../../../shared/model/status.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { useHttp } from '../../kit/network/http-caller.ts';
import { operatorsOf } from '../../kit/operators.ts';
import { addBasic, claim, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const http = useHttp();

/** Adds a task that has ended: it waited for 10 s and ran for `ranSeconds`, and ended `ago` seconds ago. */
async function ended(
  db: Db,
  end: { exit: ExitStatus; cause?: string; ranSeconds?: number; ago?: number; by?: string; fault?: string },
): Promise<number> {
  const { exit, cause = null, ranSeconds = 60, ago = 100, by = 'ann', fault } = end;
  const { id } = await addBasic(db, { createdBy: by });
  const endCause = fault === undefined ? null : JSON.stringify({ cause, fault });
  await sql`UPDATE task SET status = 3, exit_status = ${EXIT_STATUS[exit]}, cause = ${cause}, end_cause = ${endCause}::jsonb,
    completed_at = now() - make_interval(secs => ${ago}),
    started_at = now() - make_interval(secs => ${ago + ranSeconds}),
    created_at = now() - make_interval(secs => ${ago + ranSeconds + 10}) WHERE id = ${id}`.execute(db);
  return id;
}

async function addThere(): Promise<number> {
  const added = await http.call('operator', 'POST /v1/tasks', { kind: 'BuildSteps', options: {} });
  return added.json<{ id: number }>().id;
}

function servicesOf(db: Db) {
  const groupTimes = createGroupTimesService(db);
  return {
    queue: createQueueService({ db, clock: systemClock, groupTimes }),
    causes: createCauseService(db),
    operators: operatorsOf(db),
  };
}

describe('the queue of a task', () => {
  it('is told as gates with the tasks that hold them, its position, and when it is expected to start', async () => {
    const { db } = await databases.fresh();
    const { queue } = servicesOf(db);
    await setGroup(db, { name: 'Basic', maxRunning: 1 });
    for (const ranSeconds of [100, 200, 900]) await ended(db, { exit: 'COMPLETED', ranSeconds });
    const holder = await startedTask(db, { workId: 'target' });
    const first = await addBasic(db);
    const second = await addBasic(db, { workId: 'target' });
    const third = await addBasic(db, { priority: 'CRITICAL' });
    const view = await queue.readQueue(second.id);
    expect(view).toMatchObject({ position: 3, of: 3, usualSeconds: 200 });
    expect(view?.gates.filter(({ isOpen }) => !isOpen)).toMatchObject([
      { code: 'target-in-use', taskIds: [holder.id], since: holder.startedAt?.toISOString() },
      { code: 'group-full', taskIds: [holder.id], group: 'Basic' },
    ]);
    const [soonest, later] = [await queue.readQueue(third.id), await queue.readQueue(first.id)];
    expect([soonest?.position, later?.position]).toEqual([1, 2]);
    // Each begins when the one before it has run for as long as usual.
    const start = (holder.startedAt?.getTime() ?? 0) + 200_000;
    expect(soonest?.expectedStartAt).toBe(new Date(start).toISOString());
    expect(later?.expectedStartAt).toBe(new Date(start + 200_000).toISOString());
  });

  it('of a whole group says of each task what it says of the task alone, beyond the first 40 too', async () => {
    const { db } = await databases.fresh();
    const { queue } = servicesOf(db);
    await setGroup(db, { name: 'Basic', maxRunning: 2 });
    await ended(db, { exit: 'COMPLETED', ranSeconds: 100 });
    await startedTask(db, { workId: 'target' });
    await startedTask(db);
    for (let n = 0; n < 45; n += 1) await addBasic(db, n === 3 ? { workId: 'target' } : {});
    const { id: paused } = await addBasic(db, { priority: 'CRITICAL' });
    await sql`UPDATE task SET paused = true WHERE id = ${paused}`.execute(db);
    const { of, usualSeconds, first } = (await queue.readGroupQueue('Basic', 44))!;
    expect([of, usualSeconds, first.length, first[0]?.id]).toEqual([46, 100, 44, paused]);
    for (const { id, position, expectedStartAt, closed } of first) {
      const alone = await queue.readQueue(id);
      expect([position, alone?.of]).toEqual([alone?.position, of]);
      expect(closed.map(({ code }) => code)).toEqual(
        alone?.gates.filter(({ isOpen }) => !isOpen).map(({ code }) => code),
      );
      expect(expectedStartAt).toBe(alone?.expectedStartAt);
    }
    expect(await queue.readGroupQueue('none', 20)).toBeNull();
  });

  it('has a position for a restarted child whose parent is over, and none for a child of a parent that runs', async () => {
    const { db } = await databases.fresh();
    const { queue } = servicesOf(db);
    await setGroup(db, { name: 'Basic', maxRunning: 1 });
    const parent = await startedTask(db);
    const child = await addBasic(db, { parentId: parent.id });
    const first = await addBasic(db);
    const another = await addBasic(db, { parentId: parent.id });
    expect(await queue.readQueue(child.id)).toMatchObject({ position: null, of: null });
    await sql`UPDATE task SET status = 3, exit_status = ${EXIT_STATUS.COMPLETED}, slot = 'none', completed_at = now()
      WHERE id IN (${parent.id}, ${child.id})`.execute(db);
    expect(await restartTask(db, child.id)).toBe('done');

    expect(await queue.readQueue(child.id)).toMatchObject({ position: 1, of: 2 });
    expect(await queue.readQueue(first.id)).toMatchObject({ position: 2, of: 2 });
    const group = await queue.readGroupQueue('Basic', 20);
    expect([group?.of, group?.first.map(({ id }) => id)]).toEqual([2, [child.id, first.id]]);
    // It never starts: it is about to be ended with its parent.
    expect(await queue.readQueue(another.id)).toMatchObject({ position: null, of: null });
  });

  it('counts the time of a restarted task from its restart', async () => {
    const { db } = await databases.fresh();
    const { operators } = servicesOf(db);
    await ended(db, { exit: 'COMPLETED' });
    await sql`UPDATE task SET created_at = now() - interval '10 minutes'`.execute(db);
    const { id } = await db.selectFrom('task').select('id').executeTakeFirstOrThrow();
    expect(await restartTask(db, id)).toBe('done');
    const { wakeAt } = await db.selectFrom('task').select('wakeAt').executeTakeFirstOrThrow();
    const [group] = await operators.groups.listGroups();
    expect(group?.oldestQueuedAt).toBe(wakeAt.toISOString());
    expect(Date.now() - wakeAt.getTime()).toBeLessThan(300_000);
  });

  it('says who paused, and expects no start then', async () => {
    const { db } = await databases.fresh();
    const { queue, operators } = servicesOf(db);
    await ended(db, { exit: 'COMPLETED' });
    const { id } = await addBasic(db);
    await operators.pauses.pauseAll(['Basic'], 'soft', 'ann');
    const view = await queue.readQueue(id);
    expect(view).toMatchObject({ position: 1, expectedStartAt: null });
    const pause = { code: 'group-paused', isOpen: false, by: 'ann', since: expect.any(String) as string };
    expect(view?.gates).toContainEqual(expect.objectContaining(pause));
    const [group] = await operators.groups.listGroups();
    expect(group).toMatchObject({
      pausedBy: 'ann',
      pausedSince: expect.any(String) as string,
      oldestQueuedAt: expect.any(String) as string,
      usualWait: { medianSeconds: 10, p95Seconds: 10 },
      usualSeconds: 60,
    });
    expect(await operators.pauses.readPauses()).toMatchObject({
      groups: { Basic: 'soft' },
      origins: { 'group/Basic': { by: 'ann' } },
    });
  });

  it('expects nothing of a group in which nothing has succeeded', async () => {
    const { db } = await databases.fresh();
    const { queue } = servicesOf(db);
    await ended(db, { exit: 'ERROR_USER', cause: 'build-failed' });
    const { id } = await addBasic(db);
    expect(await queue.readQueue(id)).toMatchObject({ position: 1, of: 1, expectedStartAt: null, usualSeconds: null });
  });

  it('is answered to whoever sees the task', async () => {
    const task = await addThere();
    http.services.queue.views.set(task, { gates: [], position: 4, of: 9, expectedStartAt: null, usualSeconds: 61.5 });
    const answer = await http.call('viewer', `GET /v1/tasks/${task}/queue`);
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { position: 4, of: 9 }]);
    const group = http.services.tasks.get(task)?.facts.group;
    const whole = await http.call('viewer', `GET /v1/groups/${group}/queue`);
    expect([whole.statusCode, whole.json()]).toMatchObject([200, { queued: [{ position: 4, task: { id: task } }] }]);
    // A submitter is told of its own tasks only.
    const others = await http.call('submitter', `GET /v1/groups/${group}/queue?limit=5`);
    expect([others.statusCode, others.json()]).toMatchObject([200, { queued: [] }]);
    expect(await http.refusal('submitter', `GET /v1/tasks/${task}/queue`)).toEqual([404, 'TASK_UNKNOWN']);
  });

  it('is that of no group when there is none of that name', async () => {
    http.services.queue.readGroupQueue = () => Promise.resolve(null);
    expect(await http.refusal('viewer', 'GET /v1/groups/nope/queue')).toEqual([404, 'GROUP_UNKNOWN']);
  });
});

describe('the causes of failures', () => {
  it('are counted by cause and fault, of a period and of what one sees', async () => {
    const { db } = await databases.fresh();
    const { causes } = servicesOf(db);
    await ended(db, { exit: 'COMPLETED', cause: 'success' });
    await ended(db, { exit: 'ERROR_USER', cause: 'build-failed', ago: 200 });
    const last = await ended(db, { exit: 'ERROR_USER', cause: 'build-failed', ago: 50, by: 'bob' });
    await ended(db, { exit: 'ERROR_SYSTEM', cause: 'spot-interruption', fault: 'spot' });
    await ended(db, { exit: 'ERROR_SYSTEM', cause: 'source', ago: 100_000 });
    const day = { since: new Date(Date.now() - 86_400_000), until: new Date(Date.now() + 1_000) };
    expect((await causes.countCauses(day, undefined)).causes).toMatchObject([
      { cause: 'build-failed', fault: 'user', count: 2, lastTaskId: last },
      { cause: 'spot-interruption', fault: 'spot', count: 1 },
    ]);
    const mine = await causes.countCauses(day, { createdBy: 'bob', groups: [] });
    expect(mine.causes).toMatchObject([{ cause: 'build-failed', count: 1 }]);
  });

  it('of earlier tasks of the group say how often this one was seen before', async () => {
    const { db } = await databases.fresh();
    const { causes } = servicesOf(db);
    const earlier = await ended(db, { exit: 'ERROR_USER', cause: 'build-failed', ago: 500 });
    await ended(db, { exit: 'ERROR_USER', cause: 'source', ago: 400 });
    const id = await ended(db, { exit: 'ERROR_USER', cause: 'build-failed', ago: 300 });
    await ended(db, { exit: 'ERROR_USER', cause: 'build-failed', ago: 200 });
    const task = { cause: 'build-failed', count: 1, isMore: false, lastTaskId: earlier };
    const { rows } = await sql<{ id: never }>`SELECT id FROM task WHERE id = ${id}`.execute(db);
    expect(await causes.countSeenBefore(rows[0]!.id, undefined)).toMatchObject(task);
    const nobody = { createdBy: 'zoe', groups: [] };
    expect(await causes.countSeenBefore(rows[0]!.id, nobody)).toMatchObject({ count: 0, lastTaskId: null });
  });

  it('are those of 24 hours unless another period is asked for', async () => {
    const answer = CausesAnswer.parse((await http.call('viewer', 'GET /v1/causes')).json());
    expect(Date.parse(answer.until) - Date.parse(answer.since)).toBe(86_400_000);
    const since = '2026-01-01T00:00:00Z';
    const asked = CausesAnswer.parse((await http.call('submitter', `GET /v1/causes?since=${since}`)).json());
    expect(asked.since).toBe('2026-01-01T00:00:00.000Z');
    expect(http.services.causes.asked.at(-1)?.[1]).toEqual({ createdBy: 'submitter', groups: [] });
    expect(await http.refusal('viewer', 'GET /v1/causes?since=monday')).toEqual([422, 'REQUEST_INVALID']);
    const task = await addThere();
    const seen = await http.call('viewer', `GET /v1/tasks/${task}/seen-before`);
    expect(SeenBeforeAnswer.parse(seen.json())).toMatchObject({ count: 0, isMore: false });
  });
});

describe('the nodes', () => {
  it('are shown with the tasks that they hold, the shortest lease and how far their clock is ahead', async () => {
    const { db } = await databases.fresh();
    const { operators } = servicesOf(db);
    await heartbeatNode(db, { name: 'node-1', version: '1.0.0', now: new Date(Date.now() + 60_000) });
    await heartbeatNode(db, { name: 'old', version: '0.9.0' });
    await addBasic(db);
    await addBasic(db);
    expect(await claim(db, { leaseSeconds: 30 })).toHaveLength(2);
    const { nodes } = await operators.status.readStatus();
    expect(nodes).toMatchObject([
      { name: 'node-1', tasksHeld: 2, shortestLeaseSeconds: expect.any(Number) as number },
      { name: 'old', tasksHeld: 0, shortestLeaseSeconds: null, clockOffsetMs: null },
    ]);
    expect(nodes[0]?.shortestLeaseSeconds).toBeLessThanOrEqual(30);
    expect(nodes[0]?.clockOffsetMs).toBeGreaterThan(30_000);
  });

  it('show operators their share of the quotas of ECS', async () => {
    const one = { cluster: 'default', quota: 'run-task', tokens: 12.5, burst: 100, perSecond: 20, waitedSeconds: 1.5 };
    http.services.quotas = [one];
    const answer = await http.call('operator', 'GET /v1/ecs-quotas');
    expect(EcsQuotasAnswer.parse(answer.json())).toEqual({ node: 'node-a', quotas: [one] });
  });
});
