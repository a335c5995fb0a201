import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readOpenApiDocument } from '../../kit/read-openapi-document.ts';
import { useHttp } from '../../kit/network/http-caller.ts';

const http = useHttp();
beforeEach(async () => {
  await http.services.addTask({ kind: 'BuildSteps', options: {}, createdBy: 'ann' });
});

const Parameter = z.object({
  name: z.string(),
  in: z.enum(['query', 'path']),
  schema: z.object({ type: z.literal('integer'), minimum: z.number(), maximum: z.number() }),
});

/** Every parameter of every route that the document calls a whole number. */
const PARAMETERS = Object.entries((await readOpenApiDocument()).paths).flatMap(([path, operations]) =>
  Object.entries(operations).flatMap(([method, operation]) =>
    [operation['parameters'] ?? []].flat().flatMap((given) => {
      const { success, data } = Parameter.safeParse(given);
      if (!success) return [];
      const { minimum, maximum } = data.schema;
      return [
        { route: `${method.toUpperCase()} ${path}`, name: data.name, in: data.in, least: minimum, most: maximum },
      ];
    }),
  ),
);

/** Returns the route with a value for the parameter, and 1 for every other part of its path. */
function withValue({ route, name, in: place }: (typeof PARAMETERS)[number], encoded: string): string {
  const path = route.replaceAll(/\{(\w+)\}/g, (_, part: string) => (place === 'path' && part === name ? encoded : '1'));
  return place === 'path' ? path : `${path}?${name}=${encoded}`;
}

const NO_DIGITS = ['1e1', '%201', '1%20', '+1', '%2B1', '-1', '-0', '0x10', '0b1', '1.0', '1.', '1_0', '%D9%A1', '1n'];

describe('a number in the query or the path of a route', () => {
  it('is there to be tried', () => expect(PARAMETERS.length).toBeGreaterThan(30));

  it.each(PARAMETERS)('$name of $route is decimal digits within its range, and nothing else', async (parameter) => {
    const { name, least, most, in: place } = parameter;
    const message = `must be a whole number from ${least} to ${most}`;
    const empty = place === 'query' ? [''] : []; // a path without a part is another path
    const outside = [String(most + 1), '9'.repeat(30), ...(least > 0 ? ['0'] : [])];
    for (const value of [...NO_DIGITS, ...empty, ...outside]) {
      const answer = await http.call('admin', withValue(parameter, value));
      const told = answer.json<{ code: string; details: object[] }>();
      expect([value, answer.statusCode, told.code], answer.body).toEqual([value, 422, 'REQUEST_INVALID']);
      expect(told.details).toContainEqual({ path: name, message });
    }
  });

  it.each(PARAMETERS.filter(({ in: place, route }) => place === 'query' && route !== 'GET /v1/stream'))(
    '$name of $route is taken at both ends of its range, with zeros in front too',
    async (parameter) => {
      for (const value of [String(parameter.least), String(parameter.most), `00${parameter.most}`]) {
        const answer = await http.call('admin', withValue(parameter, value));
        const isRefused =
          answer.statusCode === 422 && answer.body.includes(`"path":"${parameter.name}","message":"must`);
        expect([value, isRefused], answer.body).toEqual([value, false]);
      }
    },
  );
});
