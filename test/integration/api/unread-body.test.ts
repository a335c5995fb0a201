import { describe, expect, it } from 'vitest';
import { readOpenApiDocument } from '../../kit/read-openapi-document.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const { paths } = await readOpenApiDocument();
/** The routes that take no body. Probes let everything be that somebody on the way adds. */
const ROUTES = Object.entries(paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation['requestBody'] === undefined)
      .map(([method]) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '1')}`),
  )
  .filter((route) => !/ \/(healthz|readyz|metrics)$/.test(route));

describe('a body that a route does not take', () => {
  const http = useHttp();

  it('does not pause everything when the groups stand in it', async () => {
    for (const method of ['PUT', 'DELETE']) {
      const answer = await http.call('operator', `${method} /v1/tasks/pause`, { groups: 'nightly' });
      expect([answer.statusCode, answer.json<{ details: object[] }>().details]).toEqual([
        422,
        [{ path: 'groups', message: 'belongs to the query, not to a body' }],
      ]);
      expect(await http.services.readPauses()).toMatchObject({ global: null, groups: {} });
    }
  });

  it('is looked for at every route without one', () => {
    expect(ROUTES.length).toBeGreaterThan(50);
    expect(ROUTES).toEqual(expect.arrayContaining(['PUT /v1/tasks/1/pause', 'POST /v1/reconcile', 'GET /v1/tasks']));
  });

  it.each(ROUTES)('is refused: %s', async (route) => {
    for (const body of [{ group: 'nightly' }, '["nightly"]', 'nightly', 'null', '[]', '7']) {
      expect(await http.refusal('admin', route, body), JSON.stringify(body)).toEqual([422, 'REQUEST_INVALID']);
    }
  });

  it.each(['', '{}', ' { }\n'])('is none when it says nothing: %j', async (body) => {
    expect((await http.call('operator', 'PUT /v1/tasks/pause', body)).statusCode).toBe(200);
    expect((await http.call('operator', 'DELETE /v1/tasks/pause', body)).statusCode).toBe(200);
    if (body.length <= 2) expect((await http.call('operator', 'GET /v1/groups', body)).statusCode).toBe(200);
  });

  it('does not matter to a probe', async () => {
    expect((await http.call('viewer', 'GET /healthz', { x: 1 })).statusCode).toBe(200);
  });
});
