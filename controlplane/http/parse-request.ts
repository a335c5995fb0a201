import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';

export interface FieldProblem {
  /** `options.vcsPath`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export class RequestInvalidError extends OperationalError {
  override readonly name = 'RequestInvalidError';
  readonly details: readonly FieldProblem[];

  constructor(part: RequestPart, details: readonly FieldProblem[], cause?: unknown) {
    const listed = details.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    super('REQUEST_INVALID', {
      happened: `The ${part} was refused: ${listed.replace(/\.$/, '')}`,
      remedy: 'Correct it and send it again',
      cause,
    });
    this.details = details;
  }
}

export type RequestPart = 'body' | 'query' | 'path' | 'header';

/** Throws REQUEST_INVALID with the path of every field that is wrong. */
export function parseRequest<T extends z.ZodType>(schema: T, value: unknown, part: RequestPart): z.output<T> {
  const parsed = schema.safeParse(part === 'body' ? value : withoutNul(value)); // of bodies it is gone already
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new RequestInvalidError(part, details, parsed.error);
}

export function parseJsonBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  return parseRequest(schema, parseJson(rawBody(body)), 'body');
}

/** A request without a body has an empty one. */
export function rawBody(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function parseJson(raw: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(raw.toString());
    return raw.includes('\\u0000') ? withoutNul(value) : value;
  } catch (cause) {
    throw new RequestInvalidError('body', [{ path: '', message: 'it is not JSON' }], cause);
  }
}

/** PostgreSQL stores no U+0000 in text or jsonb, so it becomes the replacement character before anybody meets it. */
function withoutNul(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(withoutNul);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.replaceAll('\0', '\ufffd'), withoutNul(item)]),
  );
}

/**
 * Every body stays the bytes that came, whatever its declared type: signatures are made over bytes, and one way
 * of parsing them is enough for the rest.
 */
export function keepBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}
