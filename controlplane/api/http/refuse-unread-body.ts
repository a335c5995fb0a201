import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { FieldProblem } from '../../../shared/text/field-problems.ts';
import { ANY_QUERY, type RouteContract } from './contract.ts';
import { rawBody, RequestInvalidError } from './parse-request.ts';

const NO_BODY = 'this route takes no body';
const JsonRecord = z.record(z.string(), z.unknown());

/**
 * Refuses a body at every route whose contract has none. A body that is ignored can be dangerous: a pause with the group in its
 * body instead of the query would pause everything. `{}` is accepted, because it has no content.
 */
export function refuseUnreadBodies(app: FastifyInstance): void {
  app.addHook('preHandler', async (request) => {
    const { contract } = request.routeOptions.config;
    if (!contract || contract.body || contract.query === ANY_QUERY) return;
    const text = await bodyOf(request);
    const problems = text === null ? [{ path: '', message: NO_BODY }] : problemsOf(text, contract);
    if (problems.length > 0) throw new RequestInvalidError('body', problems);
  });
}

/**
 * Returns the text of the body; null when it has content that is not worth reading. Fastify does not read the bodies of GET and
 * HEAD, so this function does.
 */
async function bodyOf({ method, headers, body, raw }: FastifyRequest): Promise<string | null> {
  if (method !== 'GET' && method !== 'HEAD') return rawBody(body).toString().trim();
  if (headers['transfer-encoding'] !== undefined) return null;
  const length = Number(headers['content-length'] ?? 0);
  if (length === 0) return '';
  if (length > '{}'.length) return null;
  const came: Buffer[] = [];
  try {
    for await (const bytes of raw) came.push(Buffer.from(bytes as Uint8Array));
  } catch {
    return null; // The connection broke, so nobody reads the answer.
  }
  return Buffer.concat(came).toString().trim();
}

function problemsOf(text: string, contract: RouteContract): FieldProblem[] {
  if (text === '') return [];
  const fields = JsonRecord.safeParse(jsonOf(text));
  if (!fields.success) return [{ path: '', message: NO_BODY }];
  return Object.keys(fields.data).map((name) => {
    const isQuery = Object.hasOwn(contract.query?.shape ?? {}, name);
    return { path: name.toWellFormed(), message: isQuery ? 'belongs to the query, not to a body' : NO_BODY };
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // text that is not JSON is refused in the same way as a list
  }
}
