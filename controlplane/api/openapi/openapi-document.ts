import type { z } from 'zod';
import type { RouteAccess } from '../http/access.ts';
import type { AnswerHeaders, MediaAnswer, RouteContract } from '../http/contract.ts';
import { CSRF_HEADER, needsCsrfToken, SESSION_COOKIE } from '../http/session-cookie.ts';
import { ErrorAnswer } from '../http/error-answer.ts';
import type { DescribedRoute } from './described-routes.ts';
import { createJsonSchemas, type JsonSchema, type JsonSchemas } from './json-schemas.ts';
import { NAMED_SCHEMAS } from './named-schemas.ts';

/** An OpenAPI 3.1 document. Only its beginning is typed: programs read it by its own rules. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly [more: string]: unknown;
}

/** Makes the document of the routes, from the schemas with which they parse and answer. */
export function makeOpenApiDocument(routes: readonly DescribedRoute[], version: string): OpenApiDocument {
  const schemas = createJsonSchemas(NAMED_SCHEMAS);
  const refusal = schemas.ofAnswer(ErrorAnswer);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of [...routes].sort((one, other) => one.url.localeCompare(other.url))) {
    const path = (paths[openApiPath(route.url)] ??= {});
    path[route.method.toLowerCase()] = operation(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wip',
      version,
      description:
        'Runs builds in containers on Amazon ECS. Errors are explained in shared/ERRORS.md and at /docs. ' +
        'Instants are ISO 8601. No answer may be kept by a cache (Cache-Control: no-store), none has an ETag, and ranges are not read.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: schemas.components,
      responses: {
        Refusal: {
          description: 'Why it was not done',
          headers: headersOf(REFUSAL_HEADERS),
          content: { 'application/problem+json': { schema: refusal } },
        },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of "wipctl tokens create"' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'From POST /v1/session' },
        csrf: {
          type: 'apiKey',
          in: 'header',
          name: CSRF_HEADER,
          description: 'With the cookie, in a request that changes something: the csrfToken of GET /v1/session',
        },
        enrolment: {
          type: 'http',
          scheme: 'bearer',
          description: 'Within the body: the single-use token of a container',
        },
        signature: { type: 'apiKey', in: 'header', name: 'webhook-signature', description: 'Standard Webhooks' },
      },
    },
  };
}

const REFUSAL_HEADERS: AnswerHeaders = {
  'retry-after': { number: 'With 429 and 503: after how many seconds the request may be sent again' },
  allow: 'With 405: the methods of the path',
  'www-authenticate': 'With 401: the kind of proof',
  'accept-encoding': 'With 415: the encodings of a body that are taken',
};

function headersOf(headers: AnswerHeaders): JsonSchema {
  const described = Object.entries(headers).map(([name, of]) => {
    const [description, type] = typeof of === 'string' ? [of, 'string'] : [of.number, 'integer'];
    return [name, { description, required: false, schema: { type } }];
  });
  return Object.fromEntries(described) as JsonSchema;
}

function openApiPath(url: string): string {
  return url.replace(/:(\w+)/g, '{$1}');
}

function operation({ method, url, access, contract }: DescribedRoute, schemas: JsonSchemas): JsonSchema {
  const { body, isBodyOptional = false } = contract;
  return {
    operationId: operationId(method, url),
    summary: contract.summary,
    description: `For ${WHO[access]}.`,
    tags: [tagOf(url)],
    security: security(access, method),
    parameters: parameters(contract, schemas),
    ...(body && {
      requestBody: { required: !isBodyOptional, content: { 'application/json': { schema: schemas.ofInput(body) } } },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(contract.answers).map(([status, answer]) => [status, response(answer, schemas)]),
      ),
      default: { $ref: '#/components/responses/Refusal' },
    },
  };
}

const WHO: Readonly<Record<RouteAccess, string>> = {
  anybody: 'anybody',
  signature: 'senders that sign their requests, such as agents',
  'enrolment-token': 'agents that start',
  loopback: 'programs on the machine of the node, and viewers from elsewhere',
  viewer: 'viewers and above',
  submitter: 'submitters and above',
  operator: 'operators and above',
  admin: 'admins',
};

function security(access: RouteAccess, method: string): JsonSchema[] {
  if (access === 'anybody') return [{}];
  if (access === 'signature') return [{ signature: [] }];
  if (access === 'enrolment-token') return [{ enrolment: [] }];
  const session = needsCsrfToken(method) ? { session: [], csrf: [] } : { session: [] };
  return [...(access === 'loopback' ? [{}] : []), { token: [] }, session];
}

/** `GET /v1/tasks/:id/logs` is getTasksIdLogs. */
function operationId(method: string, url: string): string {
  const words = url.replace(/^\/v1/, '').match(/[A-Za-z]+/g) ?? [];
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return method.toLowerCase() + name;
}

function tagOf(url: string): string {
  return /^(?:\/v1)?\/([\w-]+)/.exec(url)?.[1] ?? 'pages';
}

function parameters({ params, query, headers }: RouteContract, schemas: JsonSchemas): JsonSchema[] {
  return [
    ...parametersIn('path', params, schemas),
    ...parametersIn('query', query, schemas),
    ...parametersIn('header', headers, schemas),
  ];
}

function parametersIn(where: string, object: z.ZodObject | undefined, schemas: JsonSchemas): JsonSchema[] {
  if (!object) return [];
  return Object.entries(object.shape).map(([name, field]) => {
    const schema = field as z.ZodType;
    const required = where === 'path' || !schema.safeParse(undefined).success;
    const { description, ...form } = schemas.ofInput(schema);
    return { name, in: where, required, ...(description !== undefined && { description }), schema: form };
  });
}

function response(answer: z.ZodType | MediaAnswer, schemas: JsonSchemas): JsonSchema {
  if (!('media' in answer)) {
    const schema = schemas.ofAnswer(answer);
    return { description: 'Done', content: { 'application/json': { schema } } };
  }
  const { media, description, others = [], json, schema, headers } = answer;
  const described = { description, ...(headers && { headers: headersOf(headers) }) };
  if (media === null) return described;
  const own = schema ? schemas.ofAnswer(schema) : { type: 'string' };
  const content = {
    ...Object.fromEntries([media, ...others].map((each) => [each, { schema: own }])),
    ...(json && { 'application/json': { schema: schemas.ofAnswer(json) } }),
  };
  return { ...described, content };
}
