import type { LightMyRequestResponse } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { TaskId } from '../../../shared/model/ids.ts';
import { seal } from '../../../shared/keys/sealing.ts';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { TaskPage, TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';

const BUILD = { kind: 'BuildSteps', options: { sourceVcsUri: 'https://example.org/app.git', vcsPath: 'main' } };

const http = useHttp();
let tokens: Record<'ann' | 'bob' | 'viewer' | 'operator', string>;
beforeEach(() => {
  tokens = {
    ann: http.services.giveToken({ name: 'ann', role: 'submitter' }),
    bob: http.services.giveToken({ name: 'bob', role: 'submitter' }),
    viewer: http.services.giveToken({ name: 'viewer', role: 'viewer' }),
    operator: http.services.giveToken({ name: 'operator', role: 'operator' }),
  };
});

type Who = keyof typeof tokens;
interface Call {
  body?: object | string;
  headers?: Record<string, string>;
}

function call(who: Who, route: string, { body, headers }: Call = {}): Promise<LightMyRequestResponse> {
  const [method, url] = route.split(' ') as ['GET', string];
  const authorization = `Bearer ${tokens[who]}`;
  return http.app.inject({
    method,
    url,
    headers: { authorization, ...headers },
    ...(body !== undefined && { payload: body }),
  });
}

async function refusalOf(answer: Promise<LightMyRequestResponse>): Promise<[number, string]> {
  const { statusCode, json } = await answer;
  return [statusCode, json<{ code: string }>().code];
}

describe('POST /v1/tasks', () => {
  it('adds a task for its submitter, answers its view and says where it is', async () => {
    const answer = await call('ann', 'POST /v1/tasks', { body: { ...BUILD, priority: 'HIGH' } });
    expect([answer.statusCode, answer.headers['location']]).toEqual([201, '/v1/tasks/1']);
    expect(TaskView.parse(answer.json())).toMatchObject({
      id: 1,
      createdBy: 'ann',
      priority: 'HIGH',
      status: 'NOT_STARTED',
      why: 'It has not started and waits for a worker.',
    });
  });

  it.each<[string, Call]>([
    ['clientJobId', { body: { ...BUILD, clientJobId: 'job-7' } }],
    ['Idempotency-Key', { body: BUILD, headers: { 'idempotency-key': 'job-7' } }],
  ])('answers the same task when the same %s comes again', async (_name, twice) => {
    expect((await call('ann', 'POST /v1/tasks', twice)).statusCode).toBe(201);
    const again = await call('ann', 'POST /v1/tasks', twice);
    expect([again.statusCode, again.json<TaskView>().id, http.services.tasks.size]).toEqual([200, 1, 1]);
  });

  it('refuses an Idempotency-Key that contradicts clientJobId', async () => {
    const body = { ...BUILD, clientJobId: 'one' };
    expect(await refusalOf(call('ann', 'POST /v1/tasks', { body, headers: { 'idempotency-key': 'two' } }))).toEqual([
      422,
      'REQUEST_INVALID',
    ]);
  });

  it('refuses unknown and wrong fields with the path of each', async () => {
    const body = { kind: '', options: {}, priority: 'URGENT', extra: 1 };
    const answer = await call('ann', 'POST /v1/tasks', { body });
    const { code, details } = answer.json<{ code: string; details: { path: string }[] }>();
    expect([answer.statusCode, code]).toEqual([422, 'REQUEST_INVALID']);
    expect(details.map(({ path }) => path).sort()).toEqual(['extra', 'kind', 'priority']);
    expect(details).toContainEqual({ path: 'priority', message: 'must be one of CRITICAL, HIGH, MEDIUM, LOW' });
  });

  it('refuses a body that is not JSON, one that is too long, and an unknown kind', async () => {
    const kinds = { body: { kind: 'Nothing', options: {} } };
    expect(await refusalOf(call('ann', 'POST /v1/tasks', { body: 'x=1' }))).toEqual([422, 'REQUEST_INVALID']);
    expect(await refusalOf(call('ann', 'POST /v1/tasks', kinds))).toEqual([422, 'TASK_KIND_UNKNOWN']);
    const long = { ...BUILD, options: { text: 'x'.repeat(300_000) } };
    expect(await refusalOf(call('ann', 'POST /v1/tasks', { body: long }))).toEqual([413, 'REQUEST_TOO_LARGE']);
  });

  it('never shows a sealed option', async () => {
    const sealed = seal(Buffer.alloc(32, 1), 'a private key', 'task/1/options');
    const body = { ...BUILD, options: { keys: [{ applicationPrivateKey: sealed }] } };
    const answer = await call('ann', 'POST /v1/tasks', { body });
    expect(answer.json<TaskView>().options).toEqual({ keys: [{ applicationPrivateKey: '[secure]' }] });
  });
});

describe('tasks that another token submitted', () => {
  beforeEach(async () => {
    await call('ann', 'POST /v1/tasks', { body: BUILD });
    await call('bob', 'POST /v1/tasks', { body: BUILD });
  });

  it.each([
    'GET ',
    'GET /transcript',
    'GET /logs',
    'GET /output',
    'GET /stream',
    'PUT /terminate',
    'PUT /pause',
    'PUT /restart',
  ])('look as if they did not exist: %s', async (route) => {
    const [method, path] = route.split(' ');
    expect(await refusalOf(call('bob', `${method} /v1/tasks/1${path}`))).toEqual([404, 'TASK_UNKNOWN']);
    expect(http.services.tasks.get(1)?.facts.isTerminating).toBe(false);
  });

  it('are shown to viewers and operators, who may change none or all', async () => {
    const seen = async (who: Who): Promise<number[]> =>
      TaskPage.parse((await call(who, 'GET /v1/tasks')).json()).tasks.map(({ id }) => id);
    expect(await seen('ann')).toEqual([1]);
    expect(await seen('viewer')).toEqual([2, 1]);
    expect(await seen('operator')).toEqual([2, 1]);
    expect((await call('viewer', 'GET /v1/tasks/1/transcript')).statusCode).toBe(200);
    expect(await refusalOf(call('viewer', 'PUT /v1/tasks/1/terminate'))).toEqual([403, 'FORBIDDEN']);
    expect((await call('operator', 'PUT /v1/tasks/1/terminate')).statusCode).toBe(202);
  });

  it('are shown to a submitter by the groups on its token, to be read and not to be changed', async () => {
    await call('ann', 'POST /v1/tasks', { body: { ...BUILD, group: 'nightly' } });
    const token = http.services.giveToken({ name: 'eve', role: 'submitter', groups: ['nightly'] });
    const page = TaskPage.parse((await http.callWith(token, 'GET /v1/tasks')).json());
    expect(page.tasks.map(({ id }) => id)).toEqual([3]);
    expect((await http.callWith(token, 'GET /v1/tasks/3/logs')).statusCode).toBe(200);
    expect(await refusalOf(http.callWith(token, 'PUT /v1/tasks/3/terminate'))).toEqual([403, 'FORBIDDEN']);
    expect(await refusalOf(http.callWith(token, 'PUT /v1/tasks/1/terminate'))).toEqual([404, 'TASK_UNKNOWN']);
  });
});

describe('GET /v1/tasks', () => {
  it('pages from the newest to the oldest without losing one', async () => {
    for (let index = 0; index < 5; index += 1) await call('ann', 'POST /v1/tasks', { body: BUILD });
    const pages: number[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: TaskPage = (await call('ann', `GET /v1/tasks?limit=2${query}`)).json<TaskPage>();
      pages.push(page.tasks.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual([[5, 4], [3, 2], [1]]);
  });

  it('that were searched in part say how far, and go on from there though nothing was found', async () => {
    http.services.searchEnd = { id: TaskId.parse(40), createdAt: new Date('2026-01-01T00:00:00Z') };
    const page = TaskPage.parse((await http.call('viewer', 'GET /v1/tasks?q=nothing')).json());
    expect(page).toEqual({ tasks: [], nextCursor: '40', searchedUntil: '2026-01-01T00:00:00.000Z' });
  });

  it('filters by several statuses and by group, and refuses other filters by name', async () => {
    await call('ann', 'POST /v1/tasks', { body: { ...BUILD, group: 'nightly' } });
    await call('ann', 'POST /v1/tasks', { body: BUILD });
    const ids = async (query: string): Promise<number[]> =>
      (await call('ann', `GET /v1/tasks?${query}`)).json<TaskPage>().tasks.map(({ id }) => id);
    expect(await ids('group=nightly&status=NOT_STARTED,WAITING')).toEqual([1]);
    expect(await ids('status=COMPLETE')).toEqual([]);
    const answer = await call('ann', 'GET /v1/tasks?color=blue');
    expect([answer.statusCode, answer.json<{ message: string }>().message.includes('color')]).toEqual([422, true]);
  });

  it('counts tasks by status', async () => {
    await call('ann', 'POST /v1/tasks', { body: BUILD });
    expect((await call('ann', 'GET /v1/ping')).json()).toMatchObject({ service: 'wip', tasks: { NOT_STARTED: 1 } });
  });
});

describe('a task of one’s own', () => {
  beforeEach(async () => {
    await call('ann', 'POST /v1/tasks', { body: BUILD });
  });

  it('is terminated, and terminating it again or after its end is a success', async () => {
    const first = await call('ann', 'PUT /v1/tasks/1/terminate');
    expect([first.statusCode, first.json<TaskView>().isTerminating]).toEqual([202, true]);
    http.services.change(1, { status: 'COMPLETE', exitStatus: 'TERMINATED' });
    const again = await call('ann', 'PUT /v1/tasks/1/terminate');
    expect([again.statusCode, again.json<TaskView>().why]).toEqual([202, 'It was terminated on request.']);
  });

  it('is paused and resumed; a finished one is not paused', async () => {
    expect((await call('ann', 'PUT /v1/tasks/1/pause')).json<TaskView>().isPaused).toBe(true);
    expect((await call('ann', 'DELETE /v1/tasks/1/pause')).json<TaskView>().isPaused).toBe(false);
    http.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    expect(await refusalOf(call('ann', 'PUT /v1/tasks/1/pause'))).toEqual([409, 'TASK_FINISHED']);
  });

  it('is put before others by operators only, and by its priority', async () => {
    const put = (who: Who, priority: string) => call(who, 'PUT /v1/tasks/1/priority', { body: { priority } });
    expect(await refusalOf(put('ann', 'FIRST'))).toEqual([403, 'FORBIDDEN']);
    const first = await put('operator', 'FIRST');
    expect([first.statusCode, first.json<TaskView>()]).toMatchObject([
      202,
      { isPrioritised: true, priority: 'MEDIUM' },
    ]);
    const low = (await put('operator', 'LOW')).json<TaskView>();
    expect(low).toMatchObject({ isPrioritised: false, priority: 'LOW' });
    expect((await put('operator', 'first')).statusCode).toBe(422);
    http.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    expect(await refusalOf(put('operator', 'FIRST'))).toEqual([409, 'TASK_FINISHED']);
  });

  it('is restarted only after its end', async () => {
    expect(await refusalOf(call('ann', 'PUT /v1/tasks/1/restart'))).toEqual([409, 'TASK_NOT_FINISHED']);
    http.services.change(1, { status: 'COMPLETE', exitStatus: 'COMPLETED' });
    expect((await call('ann', 'PUT /v1/tasks/1/restart')).json<TaskView>().status).toBe('RESTARTED');
  });

  it('shows its steps, the logs written for its owner, and its output from an offset', async () => {
    http.services.change(1, {}, { step: 'start', log: 'Starting', output: 'hello ' });
    http.services.change(1, {}, { step: 'finish', output: 'world' });
    http.services.tasks.get(1)?.logs.push({
      id: 2,
      at: new Date().toISOString(),
      level: 'DEBUG',
      message: 'host 10.0.0.7',
      userReadable: false,
    });
    const logs = async (who: Who): Promise<number> =>
      (await call(who, 'GET /v1/tasks/1/logs')).json<{ logs: object[] }>().logs.length;
    expect((await call('ann', 'GET /v1/tasks/1/transcript?after=1')).json()).toMatchObject({
      steps: [{ number: 2, from: 'start', to: 'finish' }],
    });
    expect([await logs('ann'), await logs('operator')]).toEqual([1, 2]);
    const output = await call('ann', 'GET /v1/tasks/1/output?stream=stdout&offset=6');
    expect([output.body, output.headers['wip-next-offset']]).toEqual(['world', '11']);
  });

  it('refuses an id that is no number with the path of the field', async () => {
    const answer = await call('ann', 'GET /v1/tasks/one');
    expect([answer.statusCode, answer.json<{ details: object[] }>().details]).toMatchObject([422, [{ path: 'id' }]]);
  });
});

describe('sealing', () => {
  it('seals a value for a build file, and refuses none and an empty one', async () => {
    const answer = await call('ann', 'POST /v1/encrypt', { body: { value: 'hush' } });
    expect(answer.json()).toEqual({ secure: `sealed:${Buffer.from('hush').toString('base64')}` });
    expect((await call('ann', 'POST /v1/encrypt', { body: { value: '' } })).statusCode).toBe(422);
    expect((await call('ann', 'GET /v1/build-steps/public-key')).body).toContain('PUBLIC KEY');
  });
});

describe('a fault of the server', () => {
  it('is answered with the request id and without its text', async () => {
    const broken = Object.assign(new MemoryServices(), {
      countTasks: async () => Promise.reject(new Error('password of the database')),
    });
    const token = broken.giveToken({ name: 'ann', role: 'viewer' });
    const server = createHttpApi(broken.apiDeps);
    const answer = await server.inject({ url: '/v1/ping', headers: { authorization: `Bearer ${token}` } });
    await server.close();
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([500, 'INTERNAL']);
    expect(answer.body).not.toContain('password');
    expect(answer.body).toContain('request-1');
  });
});
