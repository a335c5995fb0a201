import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OpenApiDocument } from '../../controlplane/api/openapi/openapi-document.ts';

import { readOpenApiDocument } from './read-openapi-document.ts';

type Schema = Readonly<Record<string, unknown>>;

interface Answer {
  readonly method: string;
  /** As Fastify writes it: `/v1/tasks/:id`. */
  readonly route: string;
  readonly status: number;
  readonly media: string | undefined;
  readonly body: string;
  /** Names of its headers; absent: not to be checked. */
  readonly headers?: readonly string[];
}

/** Headers that every answer may have: those of HTTP itself and those that the document speaks of as a whole. */
const COMMON = new Set([
  ...['content-type', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date'],
  ...['cache-control', 'x-content-type-options', 'x-accel-buffering'],
]);

/** Holds answers against an OpenAPI document. */
export interface AnswerCheck {
  /** Returns what is wrong; null when the answer is as the document says. */
  problemOf(answer: Answer): string | null;
}

/**
 * Checks answers more strictly than the document asks of programs: a field that it does not name is a problem, too, because
 * nobody would know of it.
 */
export function createAnswerCheck(document: OpenApiDocument): AnswerCheck {
  const text = JSON.stringify(document.components).replaceAll('#/components/schemas/', '#/$defs/');
  const components = JSON.parse(text) as { schemas: Record<string, Schema>; responses: Record<string, Schema> };
  const definitions = closed(components.schemas) as Record<string, Schema>;
  const known = new Map<string, z.ZodType>();

  function schemaOf(key: string, schema: unknown): z.ZodType {
    const whole = { ...(closed(schema) as Schema), $defs: definitions };
    const parser = known.get(key) ?? z.fromJSONSchema(whole as Parameters<typeof z.fromJSONSchema>[0]);
    known.set(key, parser);
    return parser;
  }

  return {
    problemOf({ method, route, status, media, body, headers = [] }) {
      const path = route.replace(/:(\w+)/g, '{$1}');
      const operation = document.paths[path]?.[(method === 'HEAD' ? 'GET' : method).toLowerCase()];
      if (!operation) return null; // a page for people
      const responses = JSON.parse(
        JSON.stringify(operation['responses']).replaceAll('#/components/schemas/', '#/$defs/'),
      );
      const described = responses[status] ?? (status >= 400 ? components.responses['Refusal'] : undefined);
      if (!described) return `${method} ${path} answers ${status}, which is not in the document`;
      const unnamed = headers.filter((name) => !COMMON.has(name) && !Object.hasOwn(described.headers ?? {}, name));
      if (unnamed.length > 0) return `${method} ${path} answers ${status} with ${unnamed.join()}, not in the document`;
      const content: unknown = described.content?.[media ?? ''];
      if (described.content && !content) return `${method} ${path} answers ${status} as ${media}`;
      if (!described.content) return body === '' ? null : `${method} ${path} answers ${status} with a body`;
      if (!media?.endsWith('json') || method === 'HEAD' || path === '/v1/openapi.json') return null;
      const { schema } = content as { schema: unknown };
      const parsed = schemaOf(`${method} ${path} ${status in responses ? status : 'refusal'}`, schema).safeParse(
        JSON.parse(body),
      );
      return parsed.success ? null : `${method} ${path} ${status}: ${z.prettifyError(parsed.error)}\n${body}`;
    },
  };
}

/** Closes every object that has named properties. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  const isOpen = 'properties' in schema && !('additionalProperties' in schema);
  return { ...Object.fromEntries(entries), ...(isOpen && { additionalProperties: false }) };
}

let check: Promise<AnswerCheck> | undefined;

/**
 * Holds every answer of the server against its own document, and returns what was wrong so far. To be called before the
 * server is ready.
 */
export function checkAnswers(app: FastifyInstance): readonly string[] {
  const problems: string[] = [];
  app.addHook('onSend', async (request, reply, payload) => {
    const route = request.routeOptions.url;
    if (
      !route ||
      route === '/v1/openapi.json' ||
      (typeof payload !== 'string' && payload !== null && payload !== undefined)
    )
      return payload;
    check ??= readOpenApiDocument().then(createAnswerCheck);
    const media = String(reply.getHeader('content-type') ?? '').split(';')[0];
    const problem = (await check).problemOf({
      ...{ method: request.method, route, status: reply.statusCode, media, body: payload ?? '' },
      headers: Object.keys(reply.getHeaders()),
    });
    if (problem !== null) problems.push(problem);
    return payload;
  });
  return problems;
}
