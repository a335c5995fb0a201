import { describe, expect, it } from 'vitest';
import { ACCESS } from '../../../controlplane/api/http/access.ts';
import { GroupsAnswer, GroupView } from '../../../controlplane/api/groups/group-views.ts';
import {
  ConnectionStatus,
  MaintenanceView,
  PausesView,
  TaskSummaryAnswer,
} from '../../../controlplane/api/state/state-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();
const BUILD = { kind: 'BuildSteps', options: {} };

describe('groups', () => {
  it('are made and changed by operators, one limit at a time', async () => {
    const made = await http.call('operator', 'PUT /v1/groups/nightly%20builds', { maxRunning: 0 });
    expect([made.statusCode, GroupView.parse(made.json())]).toMatchObject([200, { maxRunning: 0, retentionDays: 3 }]);
    await http.call('operator', 'PUT /v1/groups/nightly%20builds', { retentionDays: 14 });
    const list = GroupsAnswer.parse((await http.call('viewer', 'GET /v1/groups')).json());
    expect(list.groups).toMatchObject([{ name: 'nightly builds', maxRunning: 0, retentionDays: 14 }]);
    expect(http.services.audit).toContainEqual({
      by: 'operator',
      action: 'set-limits',
      subject: 'group/nightly builds',
    });
  });

  it('are removed by operators', async () => {
    await http.call('operator', 'PUT /v1/groups/nightly%20builds', { maxRunning: 0 });
    expect(await http.refusal('submitter', 'DELETE /v1/groups/nightly%20builds')).toEqual([403, 'FORBIDDEN']);
    expect((await http.call('operator', 'DELETE /v1/groups/nightly%20builds')).statusCode).toBe(204);
    expect(await http.refusal('operator', 'DELETE /v1/groups/nightly%20builds')).toEqual([404, 'GROUP_UNKNOWN']);
  });

  it('may have a name as long as a task may give its group, in any script', async () => {
    const name = '界'.repeat(128);
    const made = await http.call('operator', `PUT /v1/groups/${encodeURIComponent(name)}`, { maxRunning: 1 });
    expect([made.statusCode, made.json<GroupView>().name]).toEqual([200, name]);
  });

  it('that are not there are named', async () => {
    expect(await http.refusal('viewer', 'GET /v1/groups/none')).toEqual([404, 'GROUP_UNKNOWN']);
  });

  it.each<[string, string, object | string]>([
    ['no limit at all', 'a', {}],
    ['a negative one', 'a', { maxRunning: -1 }],
    ['half a task', 'a', { maxRunning: 1.5 }],
    ['more than a database counts', 'a', { maxRunning: 2 ** 31 }],
    ['an unknown field', 'a', { maxRunning: 1, running: 0 }],
    ['a cluster twice', 'a', { clusters: ['one', 'two', 'one'] }],
    ['no JSON', 'a', 'max=3'],
    ['a name with a control character', 'a%1bb', { maxRunning: 1 }],
    ['a name that is too long', 'x'.repeat(129), { maxRunning: 1 }],
    ['a name that is far too long', 'x'.repeat(2_000), { maxRunning: 1 }],
    ['a name that cannot be decoded', '%zz', { maxRunning: 1 }],
  ])('refuse %s', async (_what, name, body) => {
    expect(await http.refusal('operator', `PUT /v1/groups/${name}`, body)).toEqual([422, 'REQUEST_INVALID']);
    expect(http.services.groups.size).toBe(0);
  });
});

describe('pauses', () => {
  it('hold for everything or for groups, softly unless told otherwise', async () => {
    for (const name of ['a', 'b']) await http.call('operator', `PUT /v1/groups/${name}`, { maxRunning: 1 });
    const all = await http.call('operator', 'PUT /v1/tasks/pause');
    expect(PausesView.parse(all.json())).toEqual({ global: 'soft', groups: {} });
    const groups = await http.call('operator', 'PUT /v1/tasks/pause?groups=a,%20b&type=hard');
    expect(groups.json()).toEqual({ global: 'soft', groups: { a: 'hard', b: 'hard' } });
    expect((await http.call('operator', 'DELETE /v1/tasks/pause?groups=a')).json()).toMatchObject({
      groups: { b: 'hard' },
    });
    expect((await http.call('operator', 'DELETE /v1/tasks/pause')).json()).toEqual({
      global: null,
      groups: { b: 'hard' },
    });
  });

  it.each([
    ['an unknown type', 'PUT /v1/tasks/pause?type=gentle', [422, 'REQUEST_INVALID']],
    ['a misspelt parameter, which would pause everything', 'PUT /v1/tasks/pause?grops=a', [422, 'REQUEST_INVALID']],
    ['no name between commas', 'PUT /v1/tasks/pause?groups=a,,b', [422, 'REQUEST_INVALID']],
    ['an empty list, which would pause everything', 'PUT /v1/tasks/pause?groups=', [422, 'REQUEST_INVALID']],
    ['an empty name, which would pause everything', 'PUT /v1/tasks/pause?group=', [422, 'REQUEST_INVALID']],
    ['one of several names that is not there', 'PUT /v1/tasks/pause?group=a&group=nope', [404, 'GROUP_UNKNOWN']],
    ['a group that is not there', 'PUT /v1/tasks/pause?groups=a,nope', [404, 'GROUP_UNKNOWN']],
    ['to resume a group that is not there', 'DELETE /v1/tasks/pause?groups=nope', [404, 'GROUP_UNKNOWN']],
    ['a type when resuming', 'DELETE /v1/tasks/pause?type=hard', [422, 'REQUEST_INVALID']],
  ])('refuse %s, and pause nothing', async (_what, route, refusal) => {
    await http.call('operator', 'PUT /v1/groups/a', { maxRunning: 1 });
    expect(await http.refusal('operator', route)).toEqual(refusal);
    expect(http.services.pauses).toEqual({ global: null, groups: {} });
  });
});

describe('maintenance', () => {
  it('refuses new work with its reason and when to come back', async () => {
    await http.call('operator', 'PUT /v1/state/maintenance', { reason: 'the database moves' });
    const answer = await http.call('submitter', 'POST /v1/tasks', BUILD);
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '60']);
    expect(answer.json()).toMatchObject({
      code: 'MAINTENANCE',
      message: expect.stringContaining('(the database moves)'),
    });
    expect(http.services.tasks.size).toBe(0);
    await http.call('operator', 'DELETE /v1/state/maintenance');
    expect((await http.call('submitter', 'POST /v1/tasks', BUILD)).statusCode).toBe(201);
  });

  it('refuses adding and restarting and nothing else, whoever asks', async () => {
    await http.call('submitter', 'POST /v1/tasks', BUILD);
    await http.call('operator', 'PUT /v1/state/maintenance');
    const refused: string[] = [];
    // Streams stay open, so they are left out.
    const routes = Object.keys(ACCESS).filter((route) => !route.endsWith('/stream'));
    for (const route of routes) {
      // This route ends the maintenance that the test is about.
      if (route === 'DELETE /v1/state/maintenance') continue;
      const path = route.replace(':id', '1').replace(':name', 'x').replace(':callback', 'x');
      const answer = await http.call('admin', path, route === 'POST /v1/encrypt' ? { value: 'x' } : undefined);
      if (answer.statusCode === 503) refused.push(route);
    }
    expect(refused.sort()).toEqual(['POST /v1/tasks', 'PUT /v1/tasks/:id/restart']);
  });

  it('is told only to those who might add work', async () => {
    await http.call('operator', 'PUT /v1/state/maintenance', { reason: 'secret reason' });
    expect(await http.refusal('viewer', 'POST /v1/tasks', BUILD)).toEqual([403, 'FORBIDDEN']);
    const stranger = await http.callWith('stranger', 'POST /v1/tasks', BUILD);
    expect([stranger.statusCode, stranger.body.includes('secret')]).toEqual([401, false]);
  });

  it('says since when, why and by whom, and ends twice without a word', async () => {
    const on = await http.call('operator', 'PUT /v1/state/maintenance', {});
    expect(MaintenanceView.parse(on.json())).toMatchObject({ isOn: true, reason: null, by: 'operator' });
    for (let twice = 0; twice < 2; twice += 1) {
      const off = await http.call('operator', 'DELETE /v1/state/maintenance');
      expect([off.statusCode, off.json<MaintenanceView>().isOn]).toEqual([200, false]);
    }
  });

  it.each([{ reason: '' }, { reason: 7 }, { reason: 'x'.repeat(513) }, { why: 'x' }])('refuses %j', async (body) => {
    expect(await http.refusal('operator', 'PUT /v1/state/maintenance', body)).toEqual([422, 'REQUEST_INVALID']);
    expect(http.services.maintenance.isOn).toBe(false);
  });
});

describe('the configuration', () => {
  it('of the node is for operators', async () => {
    const settings = [{ path: 'lease_seconds', state: 'set' as const, value: 30, from: 'default', covers: [] }];
    http.services.settings = settings;
    const answer = await http.call('operator', 'GET /v1/config');
    expect(answer.json()).toEqual({ node: 'node-a', version: http.services.version, settings });
    expect(await http.refusal('submitter', 'GET /v1/config')).toEqual([403, 'FORBIDDEN']);
  });
});

describe('a restored database', () => {
  it('is seen by all and confirmed by operators', async () => {
    const restored = { at: '2026-01-02T00:00:00.000Z', dumpedAt: '2026-01-01T00:00:00.000Z' };
    http.services.restored = restored;
    expect((await http.call('viewer', 'GET /v1/state/restored')).json()).toEqual({ restored });
    expect((await http.call('operator', 'DELETE /v1/state/restored')).json()).toEqual({ restored: null });
    expect(http.services.audit).toContainEqual({ by: 'operator', action: 'confirm-restore', subject: 'database' });
  });
});

describe('the state of the whole', () => {
  it('is counts, pauses, maintenance, and nodes with their versions', async () => {
    await http.call('operator', 'PUT /v1/tasks/pause?type=hard');
    const answer = await http.call('viewer', 'GET /v1/connection-status');
    expect(ConnectionStatus.parse(answer.json())).toMatchObject({
      service: 'wip',
      node: 'node-a',
      pauses: { global: 'hard' },
      maintenance: { isOn: false },
      nodes: [{ name: 'node-a' }],
    });
  });

  it('is summed up by group, for a submitter of the tasks that it sees', async () => {
    const asked: unknown[] = [];
    const answer = [{ group: 'a', statuses: { COMPLETE: 2 }, exits: { COMPLETED: 2 }, causes: {} }];
    Object.assign(http.services, {
      summariseTasks: async (only: unknown) => {
        asked.push(only);
        return answer;
      },
    });
    const seen = await http.call('submitter', 'GET /v1/task-summary');
    await http.call('operator', 'GET /v1/task-summary');
    expect(TaskSummaryAnswer.parse(seen.json()).groups).toEqual(answer);
    expect(asked).toEqual([{ createdBy: 'submitter', groups: [] }, undefined]);
  });
});
