import { beforeEach, describe, expect, it } from 'vitest';
import { AttemptsAnswer, EventsAnswer, TaskUsageAnswer } from '../../../controlplane/api/tasks/task-detail-views.ts';
import type { TaskPage } from '../../../controlplane/api/tasks/task-views.ts';
import type { TaskAttemptView } from '../../../controlplane/api/tasks/attempt-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();
const AT = '2026-01-01T00:00:00.000Z';
const ATTEMPT: TaskAttemptView = {
  number: 1,
  uuid: '00000000-0000-4000-8000-000000000001',
  state: 'launched',
  cluster: 'default',
  clusterReason: null,
  taskArn: null,
  address: null,
  createdAt: AT,
  readyAt: null,
  endedAt: null,
  cause: null,
  limits: null,
  usage: null,
  fault: null,
  sentence: null,
  remedy: null,
  evidence: [],
  stopFailure: null,
  verdict: null,
  legacy: null,
};

beforeEach(async () => {
  await http.call('submitter', 'POST /v1/tasks', { kind: 'BuildSteps', options: {}, group: 'nightly' });
  http.services.change(1, { attempts: [ATTEMPT] }, { step: 'start' });
});

describe('the details of a task', () => {
  it('are its attempts; what ECS and SSH said of them is for operators', async () => {
    const own = AttemptsAnswer.parse((await http.call('submitter', 'GET /v1/tasks/1/attempts')).json());
    expect(own.attempts).toMatchObject([{ number: 1, state: 'launched', ecsWitness: null, sshWitness: null }]);
    const all = AttemptsAnswer.parse((await http.call('operator', 'GET /v1/tasks/1/attempts')).json());
    expect(all.attempts).toMatchObject([{ ecsWitness: { lastStatus: 'RUNNING' }, sshWitness: { kind: 'proved' } }]);
  });

  it('are its usage, from an instant on', async () => {
    const sample = (second: number) => ({ attempt: 1, at: `2026-01-01T00:00:0${second}.000Z`, progress: 0, usage: {} });
    http.services.tasks.get(1)!.samples.push(sample(1), sample(2), sample(3));
    const usage = async (query: string): Promise<TaskUsageAnswer> =>
      TaskUsageAnswer.parse((await http.call('submitter', `GET /v1/tasks/1/usage${query}`)).json());
    expect((await usage('')).samples).toHaveLength(3);
    expect((await usage('?since=2026-01-01T01:00:01%2b01:00&limit=1')).samples).toMatchObject([{ at: sample(2).at }]);
    expect((await usage('')).total).toBeNull();
  });

  it.each(['since=yesterday', 'since=0000-01-01T00:00:00Z', 'limit=0', 'limit=3001', 'until=now'])(
    'refuse usage with %s',
    async (query) => {
      expect(await http.refusal('submitter', `GET /v1/tasks/1/usage?${query}`)).toEqual([422, 'REQUEST_INVALID']);
    },
  );

  it('are what reached it from outside, and the script to simulate its last run', async () => {
    http.services.tasks.get(1)!.events.push({ kind: 'request', at: AT, action: 'pause', by: 'ann' });
    const events = EventsAnswer.parse((await http.call('submitter', 'GET /v1/tasks/1/events')).json());
    expect(events).toEqual({ events: [{ kind: 'request', at: AT, action: 'pause', by: 'ann' }] });
    const script = await http.call('submitter', 'GET /v1/tasks/1/simulation-script');
    expect([script.headers['content-type'], script.body]).toEqual(['text/plain; charset=utf-8', "start { '' }\n"]);
  });

  it.each(['attempts', 'usage', 'events', 'simulation-script'])('are not shown to others: %s', async (what) => {
    const stranger = http.services.giveToken({ name: 'bob', role: 'submitter' });
    expect((await http.callWith(stranger, `GET /v1/tasks/1/${what}`)).statusCode).toBe(404);
    expect(await http.refusal('operator', `GET /v1/tasks/2/${what}`)).toEqual([404, 'TASK_UNKNOWN']);
  });
});

describe('lists of tasks', () => {
  const ids = async (query: string): Promise<number[]> =>
    (await http.call('operator', `GET /v1/tasks${query}`)).json<TaskPage>().tasks.map(({ id }) => id);

  it('filter by cause, priority, uuid, job and pause', async () => {
    await http.call('submitter', 'POST /v1/tasks', {
      kind: 'BuildSteps',
      options: {},
      priority: 'HIGH',
      clientJobId: 'job-7',
    });
    http.services.change(2, { cause: 'spot', isPaused: true });
    const { uuid } = http.services.tasks.get(2)!.facts;
    for (const filter of ['cause=spot', 'priority=HIGH', `uuid=${uuid}`, 'client_job_id=job-7', 'paused=true']) {
      expect(await ids(`?${filter}`), filter).toEqual([2]);
    }
    expect(await ids('?paused=false&group=nightly')).toEqual([1]);
  });

  it.each(['paused=yes', 'priority=URGENT', 'uuid=7', 'parent=x', 'cause='])('refuse %s', async (filter) => {
    expect(await http.refusal('operator', `GET /v1/tasks?${filter}`)).toEqual([422, 'REQUEST_INVALID']);
  });

  it('of what is in processing hold nothing that waits or has ended', async () => {
    for (let index = 0; index < 3; index += 1) {
      await http.call('submitter', 'POST /v1/tasks', { kind: 'BuildSteps', options: {} });
    }
    http.services.change(2, { status: 'PROCESSING' });
    http.services.change(3, { status: 'WAITING' });
    http.services.change(4, { status: 'COMPLETE' });
    expect(await ids('/in_processing')).toEqual([3, 2]);
    expect(await ids('/in_processing?limit=1&cursor=3')).toEqual([2]);
    expect(await http.refusal('operator', 'GET /v1/tasks/in_processing?status=WAITING')).toEqual([
      422,
      'REQUEST_INVALID',
    ]);
  });
});
