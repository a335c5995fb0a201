import { describe, expect, it } from 'vitest';
import { ClustersAnswer, ClusterView } from '../../../controlplane/api/clusters/cluster-views.ts';
import { DoctorAnswer } from '../../../controlplane/api/doctor/doctor-views.ts';
import { NewTokenAnswer, TokensAnswer } from '../../../controlplane/api/tokens/token-views.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();

describe('tokens of the HTTP API', () => {
  it('let their owner in until they are revoked, and are shown once', async () => {
    const created = await http.call('admin', 'POST /v1/tokens', { name: 'ann', role: 'submitter' });
    expect([created.statusCode, created.headers['cache-control']]).toEqual([201, 'no-store']);
    const { id, token } = NewTokenAnswer.parse(created.json());
    expect((await http.callWith(token, 'GET /v1/ping')).statusCode).toBe(200);
    const list = await http.call('admin', 'GET /v1/tokens');
    expect(TokensAnswer.parse(list.json()).tokens).toMatchObject([{ id, name: 'ann', revokedAt: null }]);
    expect(list.body).not.toContain(token);
    const revoked = await http.call('admin', `DELETE /v1/tokens/${id}`);
    expect([revoked.statusCode, revoked.json<{ revokedAt: string | null }>().revokedAt]).toEqual([
      200,
      expect.any(String),
    ]);
    expect((await http.callWith(token, 'GET /v1/ping')).statusCode).toBe(401);
    expect((await http.call('admin', `DELETE /v1/tokens/${id}`)).statusCode).toBe(200);
  });

  it('name the groups whose tasks a submitter sees, and tell their owner', async () => {
    const body = { name: 'ann', role: 'submitter', groups: ['nightly'] };
    const { token, groups } = NewTokenAnswer.parse((await http.call('admin', 'POST /v1/tokens', body)).json());
    expect(groups).toEqual(['nightly']);
    expect((await http.callWith(token, 'GET /v1/me')).json()).toEqual(body);
    expect((await http.call('viewer', 'GET /v1/me')).json()).toEqual({ name: 'viewer', role: 'viewer', groups: [] });
  });

  it.each<[string, object]>([
    ['a group twice', { name: 'ann', role: 'submitter', groups: ['nightly', 'other', 'nightly'] }],
    ['groups of a role that sees every task', { name: 'ann', role: 'viewer', groups: ['nightly'] }],
    ['a role that is none', { name: 'ann', role: 'king' }],
    ['no role', { name: 'ann' }],
    ['a name with a line break', { name: 'ann\nadmin', role: 'viewer' }],
    ['a name with blanks at its end', { name: 'ann ', role: 'viewer' }],
    ['an empty name', { name: '', role: 'viewer' }],
    ['a token of their choice', { name: 'ann', role: 'viewer', token: 'mine' }],
  ])('refuse %s', async (_what, body) => {
    expect(await http.refusal('admin', 'POST /v1/tokens', body)).toEqual([422, 'REQUEST_INVALID']);
    expect(await http.services.listTokens()).toEqual([]);
  });

  it('that were never made cannot be revoked', async () => {
    expect(await http.refusal('admin', 'DELETE /v1/tokens/7')).toEqual([404, 'TOKEN_UNKNOWN']);
    expect(await http.refusal('admin', 'DELETE /v1/tokens/x')).toEqual([422, 'REQUEST_INVALID']);
  });
});

describe('clusters over the HTTP API', () => {
  const CLUSTER = { region: 'eu-central-1', cluster: 'builds', launch: { type: 'ec2' } };
  const WITH_KEY = { ...CLUSTER, accessKeyId: 'AKIA', secretAccessKey: 'canary-secret' };

  it('are saved by administrators and seen by operators, without their secret', async () => {
    const saved = await http.call('admin', 'PUT /v1/clusters/default', WITH_KEY);
    expect(ClusterView.parse(saved.json())).toMatchObject({ name: 'default', hasSecret: true, accessKeyId: 'AKIA' });
    const list = await http.call('operator', 'GET /v1/clusters');
    const one = await http.call('operator', 'GET /v1/clusters/default');
    expect(ClustersAnswer.parse(list.json()).clusters).toEqual([one.json()]);
    expect(saved.body + list.body + one.body).not.toContain('canary');
    expect(await http.refusal('operator', 'PUT /v1/clusters/default', CLUSTER)).toEqual([403, 'FORBIDDEN']);
  });

  it('are not saved over the change of somebody else, when the caller says what it has read', async () => {
    const add = (replaces: string | null) => http.call('admin', 'PUT /v1/clusters/one', { ...CLUSTER, replaces });
    const { updatedAt } = (await add(null)).json<ClusterView>();
    expect((await add(updatedAt)).statusCode).toBe(200);
    for (const replaces of [updatedAt, null]) {
      const late = await http.refusal('admin', 'PUT /v1/clusters/one', { ...CLUSTER, replaces });
      expect(late).toEqual([409, 'CLUSTER_CHANGED']);
    }
    const wrong = await http.refusal('admin', 'PUT /v1/clusters/one', { ...CLUSTER, replaces: 'yesterday' });
    expect(wrong).toEqual([422, 'REQUEST_INVALID']);
  });

  it('are used and deleted by name', async () => {
    for (const name of ['default', 'old']) await http.call('admin', `PUT /v1/clusters/${name}`, CLUSTER);
    const used = await http.call('admin', 'PUT /v1/clusters/old/active');
    expect(used.json<ClusterView>().isActive).toBe(true);
    expect(await http.refusal('admin', 'DELETE /v1/clusters/old')).toEqual([409, 'CLUSTER_IN_USE']);
    await http.call('admin', 'PUT /v1/clusters/default/active');
    const deleted = await http.call('admin', 'DELETE /v1/clusters/old');
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
    for (const route of ['GET /v1/clusters/old', 'PUT /v1/clusters/old/active', 'DELETE /v1/clusters/old']) {
      expect(await http.refusal('admin', route), route).toEqual([404, 'CLUSTER_UNKNOWN']);
    }
  });

  it.each<[string, string, object]>([
    ['a name that is no name', 'a%2Fb', CLUSTER],
    ['no region', 'a', { cluster: 'builds', launch: {} }],
    ['an endpoint that is no address', 'a', { ...CLUSTER, endpoint: 'localhost' }],
    ['launch settings that are no object', 'a', { ...CLUSTER, launch: 'ec2' }],
    ['an unknown field', 'a', { ...CLUSTER, secret: 'x' }],
  ])('refuse %s', async (_what, name, body) => {
    expect(await http.refusal('admin', `PUT /v1/clusters/${name}`, body)).toEqual([422, 'REQUEST_INVALID']);
    expect(http.services.clusters.size).toBe(0);
  });

  it('take a role, a session token, how AWS is reached, and clusters to fall back on', async () => {
    const { sessionToken, ...plain } = {
      ...WITH_KEY,
      sessionToken: 'canary-token',
      roleArn: 'arn:aws:iam::123456789012:role/x',
      externalId: 'wip',
      connection: { fips: true, proxy: 'direct' },
      fallback: ['b'],
    };
    await http.call('admin', 'PUT /v1/clusters/b', CLUSTER);
    const saved = await http.call('admin', 'PUT /v1/clusters/a', { ...plain, sessionToken });
    const { secretAccessKey: _secret, ...shown } = plain;
    expect(ClusterView.parse(saved.json())).toMatchObject({ ...shown, hasSecret: true, hasSessionToken: true });
    expect(saved.body).not.toContain('canary');
  });
});

describe('the doctor', () => {
  it('answers 200 with what is broken: that is what was asked for', async () => {
    http.services.checks = [{ name: 'ecs', outcome: 'failed', message: 'It is away.', remedy: null, tookMs: 3 }];
    const answer = await http.call('operator', 'GET /v1/doctor');
    expect([answer.statusCode, DoctorAnswer.parse(answer.json()).checks]).toEqual([200, http.services.checks]);
  });
});

describe('metrics of requests', () => {
  it('are text, and are told of each answer by the pattern of its route', async () => {
    const told: unknown[] = [];
    Object.assign(http.services, { onAnswered: (answer: unknown) => told.push(answer) });
    await http.call('viewer', 'GET /v1/tasks/7');
    await http.call('viewer', 'GET /nowhere/7');
    const metrics = await http.call('viewer', 'GET /metrics');
    expect(metrics.headers['content-type']).toContain('version=0.0.4');
    expect(told).toMatchObject([
      { method: 'GET', route: '/v1/tasks/:id', status: 404, tookMs: expect.any(Number) },
      { method: 'GET', route: 'none', status: 404 },
      { route: '/metrics', status: 200 },
    ]);
  });
});
