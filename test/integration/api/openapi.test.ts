import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { ACCESS } from '../../../controlplane/api/http/access.ts';
import type { OpenApiDocument } from '../../../controlplane/api/openapi/openapi-document.ts';
import { createAnswerCheck } from '../../kit/check-answers.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();

async function readDocument(): Promise<OpenApiDocument> {
  return (await http.app.inject({ url: '/v1/openapi.json' })).json<OpenApiDocument>();
}

describe('the OpenAPI document', () => {
  it('is one, by the rules of OpenAPI 3.1', async () => {
    expect(await new Validator().validate({ ...(await readDocument()) })).toEqual({ valid: true });
  });

  it('has every route but the pages for people', async () => {
    const { paths } = await readDocument();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const api = Object.keys(ACCESS).filter((route) => / \/(v1\/|healthz|readyz|metrics)/.test(route));
    expect(described.sort()).toEqual(api.sort());
  });

  it('has what a client needs that is made of it alone: defaults, values of lists, headers, and patterns that others read', async () => {
    const document = await readDocument();
    const schemaOf = (path: string, name: string): unknown => {
      const parameters = document.paths[path]?.['get']?.['parameters'] as { name: string; schema: unknown }[];
      return parameters.find((one) => one.name === name)?.schema;
    };
    expect(schemaOf('/v1/tasks', 'limit')).toEqual({ type: 'integer', minimum: 1, maximum: 200, default: 50 });
    expect(schemaOf('/v1/tasks/{id}/output', 'offset')).toMatchObject({ default: 0 });
    expect(schemaOf('/v1/tasks/{id}/output', 'download')).toMatchObject({ default: 'false' });
    expect(schemaOf('/v1/tasks', 'status')).toMatchObject({ pattern: expect.stringContaining('(,(NOT_READY|') });
    const { paths, components } = document;
    expect(paths['/v1/tasks/{id}/output']?.['get']?.['responses']).toMatchObject({
      200: { headers: { 'wip-next-offset': {}, 'wip-omitted-bytes': {} } },
    });
    expect(components).toMatchObject({
      responses: { Refusal: { headers: { 'retry-after': { schema: { type: 'integer' } }, allow: {} } } },
    });
    // Python and Go know no \\p{Cc} within a class, or no \\u{fffd}.
    expect(JSON.stringify(document)).not.toMatch(/"pattern":"[^"]*\\\\(p\{|u\{)/);
  });

  it('says what each parameter, each field of a named schema and each field that people send means', async () => {
    const { paths, components } = await readDocument();
    type Described = Readonly<Record<string, { readonly description?: string; readonly properties?: Described }>>;
    const { schemas } = components as { schemas: Readonly<Record<string, { readonly properties?: Described }>> };
    const unsaid = (at: string, fields: Described = {}): string[] =>
      Object.entries(fields).flatMap(([name, { description }]) => (description ? [] : [`${at}: ${name}`]));
    const ofRoutes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        const at = `${method} ${path}`;
        const parameters = operation['parameters'] as { name: string; description?: string }[];
        const isOfPeople = !/\/(signal|enrol|hooks)\b/.test(path);
        const body = operation['requestBody'] as { content: Record<string, { schema: { properties?: Described } }> };
        const sent = isOfPeople ? body?.content['application/json']?.schema.properties : {};
        return [...unsaid(at, Object.fromEntries(parameters.map((one) => [one.name, one]))), ...unsaid(at, sent)];
      }),
    );
    const ofSchemas = Object.entries(schemas).flatMap(([name, { properties }]) => unsaid(name, properties));
    expect([...ofRoutes, ...ofSchemas]).toEqual([]);
  });

  it('says what itself is: an object, and no text', async () => {
    const answer = (await readDocument()).paths['/v1/openapi.json']?.['get']?.['responses'];
    expect(answer).toMatchObject({ 200: { content: { 'application/json': { schema: { type: 'object' } } } } });
  });

  it('has the sign-in of browsers beside tokens: a cookie, and with what changes something the CSRF token too', async () => {
    const { paths, components } = await readDocument();
    const securityOf = (method: string): unknown => paths['/v1/tasks']?.[method]?.['security'];
    expect(securityOf('get')).toEqual([{ token: [] }, { session: [] }]);
    expect(securityOf('post')).toEqual([{ token: [] }, { session: [], csrf: [] }]);
    expect(components).toMatchObject({
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'wip_session' },
        csrf: { type: 'apiKey', in: 'header', name: 'wip-csrf-token' },
      },
    });
  });

  it('names each path parameter, each operation once, and the body of each request that has one', async () => {
    const { paths } = await readDocument();
    const ids: unknown[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      for (const operation of Object.values(methods)) {
        const parameters = operation['parameters'] as { name: string; in: string }[];
        const named = parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`);
        expect(path.match(/\{\w+\}/g) ?? [], path).toEqual(named);
        ids.push(operation['operationId']);
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(paths['/v1/tasks']?.['post']?.['requestBody']).toMatchObject({
      content: { 'application/json': { schema: { required: ['kind', 'options'] } } },
    });
  });
});

describe('the check of answers against the document', () => {
  const answer: Parameters<ReturnType<typeof createAnswerCheck>['problemOf']>[0] = {
    body: '',
    method: 'GET',
    route: '/v1/me',
    status: 200,
    media: 'application/json',
  };
  const me = { name: 'ann', role: 'viewer', groups: [] };
  const problems = { status: 404, media: 'application/problem+json', body: JSON.stringify({ code: 7 }) };

  it.each<[string, Partial<typeof answer> & { body: string }]>([
    ['a field of another type', { body: JSON.stringify({ ...me, groups: 'none' }) }],
    ['a field less', { body: JSON.stringify({ name: 'ann', role: 'viewer' }) }],
    ['a field that nobody knows of', { body: JSON.stringify({ ...me, extra: 1 }) }],
    ['another status', { status: 202, body: JSON.stringify(me) }],
    ['a header that nobody knows of', { headers: ['x-new'], body: JSON.stringify(me) }],
    ['another media type', { media: 'text/plain', body: JSON.stringify(me) }],
    ['a refusal of another form', problems],
  ])('would find %s', async (_, change) => {
    expect(createAnswerCheck(await readDocument()).problemOf({ ...answer, ...change })).not.toBeNull();
  });

  it('finds nothing wrong with a good answer', async () => {
    const check = createAnswerCheck(await readDocument());
    expect(check.problemOf({ ...answer, body: JSON.stringify(me) })).toBeNull();
  });
});

describe('the page of the API', () => {
  it('has every route and every error, and no script can run in it', async () => {
    const page = await http.app.inject({ url: '/docs' });
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
    expect(page.body).not.toMatch(/<script|https?:\/\/|\son\w+=/i);
    expect(page.body).toContain('GET /v1/tasks/{id}/attempts');
    expect(page.body).toContain('<tr id="TASK_UNKNOWN">');
  });
});

describe('a query parameter that a route does not know', () => {
  it.each(['GET /v1/me', 'GET /v1/groups', 'GET /v1/tasks/1', 'DELETE /v1/state/maintenance', 'GET /v1/tasks'])(
    'is refused with its name: %s',
    async (route) => {
      const answer = await http.call('admin', `${route}?colour=blue`);
      expect([answer.statusCode, answer.json<{ details: object[] }>().details]).toEqual([
        422,
        [{ path: 'colour', message: 'is not known' }],
      ]);
    },
  );
});
