import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { FieldProblem } from '../../../shared/support/field-problems.ts';
import { ANY_QUERY, type RouteContract } from './contract.ts';
import { rawBody, RequestInvalidError } from './parse-request.ts';

const NO_BODY = 'this route takes no body';
const JsonRecord = z.record(z.string(), z.unknown());

/**
 * Refuses a body at every route whose contract has none. Who sends one means something by it: a filter that stands there, where
 * nobody reads it, would make a pause of one group a pause of everything. `{}` says nothing and is taken.
 */
export function refuseUnreadBodies(app: FastifyInstance): void {
  app.addHook('preHandler', async (request) => {
    const { contract } = request.routeOptions.config;
    if (!contract || contract.body || contract.query === ANY_QUERY) return;
    const problems = isUnparsed(request) ? [{ path: '', message: NO_BODY }] : problemsOf(request, contract);
    if (problems.length > 0) throw new RequestInvalidError('body', problems);
  });
}

/** Fastify leaves the body of GET and HEAD alone, so that only its length is known. */
function isUnparsed({ method, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > '{}'.length;
}

function problemsOf(request: FastifyRequest, contract: RouteContract): FieldProblem[] {
  const text = rawBody(request.body).toString().trim();
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
    return undefined; // what is no JSON is refused like a list: as a body that nobody asked for
  }
}
