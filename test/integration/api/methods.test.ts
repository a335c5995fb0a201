import { describe, expect, it } from 'vitest';
import type { SubmittedTask } from '../../../controlplane/api/tasks/task-service.ts';
import { parseOptions } from '../../../controlplane/tasks/wip-class.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();

describe('the methods of a path', () => {
  it('are named with 405 when another one comes, and by OPTIONS without a token', async () => {
    const refused = await http.call('viewer', 'DELETE /v1/tasks/7');
    expect([refused.statusCode, refused.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect(refused.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED', status: 405, title: 'Method not allowed' });
    const options = await http.app.inject({ method: 'OPTIONS', url: '/v1/tasks?limit=1' });
    expect([options.statusCode, options.headers['allow'], options.body]).toEqual([204, 'GET, HEAD, OPTIONS, POST', '']);
    expect((await http.app.inject({ method: 'OPTIONS', url: '/v1/nothing' })).statusCode).toBe(404);
  });

  it.each(['QUERY', 'PROPFIND', 'TRACE', 'PURGE', 'PATCH'])(
    'are named to %s too, and no dot stands twice',
    async (method) => {
      for (const headers of [{}, { 'content-type': 'text/x' }, { 'content-length': '0' }, { 'content-type': '' }]) {
        const answer = await http.app.inject({ method: method as 'GET', url: '/v1/tasks', headers });
        expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
        expect(answer.json<{ message: string }>().message).toBe(
          `${method} /v1/tasks is not possible. Use one of GET, HEAD, OPTIONS, POST.`,
        );
        const nothing = await http.app.inject({ method: method as 'GET', url: '/v1/nothing', headers });
        expect([nothing.statusCode, nothing.json<{ code: string }>().code]).toEqual([404, 'ROUTE_UNKNOWN']);
      }
    },
  );

  it('have HEAD wherever there is GET: the same answer without its body, for the same people', async () => {
    const [get, head] = [await http.call('viewer', 'GET /v1/groups'), await http.call('viewer', 'HEAD /v1/groups')];
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect((await http.app.inject({ method: 'HEAD', url: '/v1/groups' })).statusCode).toBe(401);
    expect((await http.call('viewer', 'HEAD /v1/doctor')).statusCode).toBe(403);
  });
});

describe('an answer of 422', () => {
  it('has the path and our words for each wrong option of a task', async () => {
    const build = SHIPPED_KINDS.find(({ kind }) => kind === 'BuildSteps')!;
    Object.assign(http.services, {
      addTask: async ({ options }: SubmittedTask) => parseOptions(build, options),
    });
    const options = { vcsPath: 7, containerMaxTime: -1, vcsUrl: 'https://example.org/app.git' };
    const answer = await http.call('submitter', 'POST /v1/tasks', { kind: 'BuildSteps', options });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([422, 'OPTIONS_INVALID']);
    expect(answer.json<{ details: object[] }>().details).toEqual(
      expect.arrayContaining([
        { path: 'options.vcsPath', message: 'must be a text' },
        { path: 'options.containerMaxTime', message: 'must be more than 0' },
        { path: 'options.vcsUrl', message: 'is not known' },
      ]),
    );
  });
});
