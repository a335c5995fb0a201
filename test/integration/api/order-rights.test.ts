import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import type { Role } from '../../../controlplane/api/http/authentication.ts';
import { listGroups, setGroup } from '../../../controlplane/store/settings/groups.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';
import { operatorsOf } from '../../kit/operators.ts';
import { startedTask } from '../../kit/database/store.ts';
import { taskServiceOf } from '../../kit/task-service.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';

const databases = useTestDatabases();
const BUILD = { kind: 'BuildSteps', options: { sourceVcsUri: 'https://example.org/app.git', vcsPath: 'main' } };

/** The routes over tasks in a database, and a token for each role. */
async function begin() {
  const { db } = await databases.fresh();
  const services = new MemoryServices();
  const tasks = taskServiceOf(db);
  const deps = services.apiDeps;
  const app = createHttpApi({ ...deps, services: { ...deps.services, tasks } });
  const add = async (role: Role, order: object): Promise<[number, string]> => {
    const authorization = `Bearer ${services.giveToken({ name: `a ${role}`, role })}`;
    const body = { ...BUILD, ...order };
    const answer = await app.inject({ method: 'POST', url: '/v1/tasks', headers: { authorization }, body });
    return [answer.statusCode, answer.json<{ message?: string }>().message ?? ''];
  };
  const names = async (): Promise<string[]> => (await listGroups(db)).map(({ name }) => name);
  return { db, add, names };
}

describe('POST /v1/tasks of a submitter', () => {
  it('{"group":"own-1"} makes no group, which would have slots beside the limit of BuildSteps', async () => {
    const { add, names } = await begin();
    const refusal =
      'There is no group "own-1", and the token of a submitter may not make one. Name a group that there is, leave it out for ' +
      'the group "BuildSteps", or ask an operator for "wipctl groups own-1 --max 3"';
    expect(await add('submitter', { group: 'own-1' })).toEqual([403, expect.stringContaining(refusal)]);
    expect(await names()).toEqual([]);
  });

  it('may name the group of its kind, and one that there is', async () => {
    const { db, add, names } = await begin();
    expect((await add('submitter', { group: 'BuildSteps' }))[0]).toBe(201);
    await setGroup(db, { name: 'nightly', maxRunning: 1 });
    expect((await add('submitter', { group: 'nightly' }))[0]).toBe(201);
    expect(await names()).toEqual(['BuildSteps', 'nightly']);
  });

  it.each(['CRITICAL', 'HIGH'])(
    'with "priority":"%s" is refused: it would go before the tasks of others',
    async (priority) => {
      const { add, names } = await begin();
      expect(await add('submitter', { priority })).toEqual([403, expect.stringContaining(`the priority ${priority}`)]);
      expect(await names()).toEqual([]);
    },
  );

  it.each(['MEDIUM', 'LOW'])('may have the priority %s', async (priority) => {
    const { add } = await begin();
    expect((await add('submitter', { priority }))[0]).toBe(201);
  });

  it('that an operator sent first, or a version before, is answered as it was then', async () => {
    const { db, add } = await begin();
    const order = { group: 'own-1', priority: 'HIGH', clientJobId: 'job' };
    expect((await add('operator', order))[0]).toBe(201);
    await sql`UPDATE task SET created_by = 'a submitter', client_job_id = replace(client_job_id, 'a operator', 'a submitter')`.execute(
      db,
    );
    expect((await add('submitter', order))[0]).toBe(200);
  });
});

describe('POST /v1/tasks of an operator', () => {
  it.each<Role>(['operator', 'admin'])('makes groups and takes every priority: %s', async (role) => {
    const { add, names } = await begin();
    expect((await add(role, { group: 'own-1', priority: 'CRITICAL' }))[0]).toBe(201);
    expect(await names()).toEqual(['own-1']);
  });
});

describe('DELETE of a group', () => {
  it('removes one without tasks, and says why another one stays', async () => {
    const { db, names } = await begin();
    const { groups } = operatorsOf(db);
    const task = await startedTask(db, { group: 'trials' });
    await expect(groups.removeGroup('trials', 'ann')).rejects.toMatchObject({
      code: 'GROUP_IN_USE',
      message: expect.stringContaining('has 1 unfinished and 0 ended tasks'),
    });
    await saveStep(db, task, { logs: [], next: { kind: 'complete' } });
    await expect(groups.removeGroup('trials', 'ann')).rejects.toMatchObject({
      message: expect.stringContaining('wipctl groups trials --retention-days 0'),
    });
    await groups.setGroup({ name: 'trials', retentionDays: 0 }, 'ann');
    await groups.removeGroup('trials', 'ann');
    expect(await names()).toEqual([]);
    await expect(groups.removeGroup('trials', 'ann')).rejects.toMatchObject({ code: 'GROUP_UNKNOWN' });
  });

  it('and tasks that are added to it at the same time do not meet: each task has its group', async () => {
    const { db, names } = await begin();
    const { groups } = operatorsOf(db);
    await groups.setGroup({ name: 'trials', maxRunning: 1 }, 'ann');
    const removing = groups.removeGroup('trials', 'ann').catch((error: unknown) => error);
    await Promise.all([startedTask(db, { group: 'trials' }), removing]);
    expect(await names()).toEqual(['trials']);
  });
});
