import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fieldProblems, fieldProblemText, sayProblem, type FieldProblem } from '../../../shared/text/field-problems.ts';
import { FieldsInvalidError } from './fields-invalid-error.ts';
import { findJsonProblem } from './strict-json.ts';

export class RequestInvalidError extends FieldsInvalidError {
  override readonly name = 'RequestInvalidError';

  constructor(part: RequestPart, details: readonly FieldProblem[], cause?: unknown) {
    const listed = details.map(fieldProblemText).join('; ');
    const happened = `The ${part} was refused: ${listed.replace(/\.$/, '')}`;
    super('REQUEST_INVALID', { happened, remedy: 'Correct it and send it again', cause }, details);
  }
}

export type RequestPart = 'body' | 'query' | 'path' | 'header';

/** Throws REQUEST_INVALID with the path of every field that is wrong. */
export function parseRequest<T extends z.ZodType>(schema: T, value: unknown, part: RequestPart): z.output<T> {
  const parsed = schema.safeParse(value, { error: sayProblem });
  if (parsed.success) return parsed.data;
  throw new RequestInvalidError(part, fieldProblems(parsed.error), parsed.error);
}

/**
 * Parses a body from people and their programs. A value that cannot be stored as it was sent is refused, not changed. Throws
 * REQUEST_INVALID.
 */
export function parseJsonBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const text = decode(rawBody(body));
  if (text.trim() === '') throw new RequestInvalidError('body', [{ path: '', message: 'there is none' }]);
  const value = parseJson(text);
  const problem = findJsonProblem(text);
  if (problem) throw new RequestInvalidError('body', [problem]);
  return parseRequest(schema, value, 'body');
}

/** Parses a body of an agent. A report of a build's output must not be lost because it holds a NUL. */
export function parseAgentBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const text = rawBody(body).toString();
  const value = parseJson(text);
  return parseRequest(schema, text.includes('\\u0000') ? withoutNul(value) : value, 'body');
}

/** Returns the bytes of the body; none for a request without one. */
export function rawBody(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function decode(raw: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch (cause) {
    throw new RequestInvalidError('body', [{ path: '', message: 'it is not UTF-8' }], cause);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new RequestInvalidError('body', [{ path: '', message: 'it is not JSON' }], cause);
  }
}

/** PostgreSQL stores no U+0000 in text or jsonb, so the replacement character stands for it from here on. */
function withoutNul(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(withoutNul);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replaceAll('\0', '\ufffd'), withoutNul(item)]),
  );
}

/**
 * Keeps every body as the bytes that came, whatever its declared type: signatures are made over bytes, and one way of
 * parsing is enough for the rest.
 */
export function keepBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}
