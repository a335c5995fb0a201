import { describe, expect, it } from 'vitest';
import { readOpenApiDocument } from '../../kit/read-openapi-document.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

interface Parameter {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly where: 'query' | 'path';
}

const { paths } = await readOpenApiDocument();
const PARAMETERS: readonly Parameter[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) => {
    const listed = operation['parameters'] as { name: string; in: string }[];
    return listed.flatMap(({ name, in: where }) =>
      where === 'query' || where === 'path'
        ? [{ route: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, name, where } as const]
        : [],
    );
  }),
);
/** NUL, half a surrogate pair, a byte and a beginning that are no UTF-8, and a "%" that begins nothing. */
const BROKEN = ['%00', 'a%00b', '%ED%A0%80', '%FF', '%C3', '%', '%zz'];

function urlOf({ path, name, where }: Parameter, value: string): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, each: string) => (where === 'path' && each === name ? value : '1'));
  return where === 'path' ? filled : `${filled}?${name}=${value}`;
}

describe('a parameter of query or path that is no whole text', () => {
  const http = useHttp();

  it('is looked for at every route that has parameters', () => {
    expect(PARAMETERS.length).toBeGreaterThan(80);
    const names = PARAMETERS.map(({ route, name }) => `${route} ${name}`);
    expect(names).toEqual(expect.arrayContaining(['GET /v1/tasks q', 'GET /v1/stream q', 'GET /v1/audit actor']));
  });

  it.each(PARAMETERS)('is refused with its name: $route, $name', async (parameter) => {
    for (const value of BROKEN) {
      const answer = await http.call('admin', `${parameter.method} ${urlOf(parameter, value)}`);
      const { code, details } = answer.json<{ code: string; details?: { path: string }[] }>();
      expect([answer.statusCode, code, details?.map(({ path }) => path)], value).toEqual([
        422,
        'REQUEST_INVALID',
        [parameter.name],
      ]);
    }
  });

  it('may be its name, too', async () => {
    for (const name of ['%00', 'q%FF', 'a%ED%A0%80']) {
      expect(await http.refusal('viewer', `GET /v1/tasks?${name}=x`), name).toEqual([422, 'REQUEST_INVALID']);
    }
  });

  it('does not matter where nobody reads the query: a probe is answered whatever a proxy adds', async () => {
    for (const path of ['/healthz', '/readyz']) {
      expect((await http.call('viewer', `GET ${path}?x=1&y=%FF%00`)).statusCode, path).toBe(200);
    }
  });

  it('is told from every other text, which reaches the route as it was meant', async () => {
    for (const text of ['100%25', 'a+b', 'é', '%C3%A9', '%F0%9F%98%80', 'a%26b%3Dc', 'x=y']) {
      expect((await http.call('viewer', `GET /v1/tasks?q=${text}`)).statusCode, text).toBe(200);
      expect(await http.refusal('viewer', `GET /v1/groups/${text}`), text).toEqual([404, 'GROUP_UNKNOWN']);
    }
  });
});
