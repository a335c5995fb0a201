import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { RequestInvalidError } from './parse-request.ts';

/** By name, a description: of a text, or of a whole number. */
export type AnswerHeaders = Readonly<Record<string, string | { readonly number: string }>>;

/** An answer by its media type; null: without a body. */
export interface MediaAnswer {
  readonly media: string | null;
  readonly description: string;
  /** Further media types that it can have. */
  readonly others?: readonly string[];
  /** Headers of the answer. Those that every answer has are left out. */
  readonly headers?: AnswerHeaders;
  /** The schema of an answer that is JSON by its media type. */
  readonly schema?: z.ZodType;
  /** The JSON that the route answers instead when the request asks for JSON. */
  readonly json?: z.ZodType;
}

/**
 * What a route takes and answers: the schemas with which the route itself parses and its answers are typed. The OpenAPI
 * document is made of these, so that there is no second list.
 */
export interface RouteContract {
  /** One line, without a full stop. */
  readonly summary: string;
  readonly params?: z.ZodObject;
  /** Without it, every query parameter is refused. */
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Whether the body may be left out. */
  readonly isBodyOptional?: boolean;
  readonly headers?: z.ZodObject;
  /** By status. The refusals that every route has are added. */
  readonly answers: Readonly<Record<number, z.ZodType | MediaAnswer>>;
}

/** An answer that has headers beside its JSON. */
export function jsonWith(schema: z.ZodType, headers: AnswerHeaders): MediaAnswer {
  return { media: 'application/json', description: 'Done', schema, headers };
}

export const EMPTY: MediaAnswer = { media: null, description: 'Nothing to say' };

/** Accepts any query: a proxy that adds a parameter must not make requests of these callers fail. */
export const ANY_QUERY = z.looseObject({});

declare module 'fastify' {
  interface FastifyContextConfig {
    contract?: RouteContract;
  }
}

/** Returns the options of a route with this contract. */
export function contract(of: RouteContract): { readonly config: { readonly contract: RouteContract } } {
  return { config: { contract: of } };
}

/**
 * Refuses a header of the contract that came more than once. Node joins the values with commas: of two idempotency keys it would
 * make a third.
 */
export function refuseRepeatedHeaders(app: FastifyInstance): void {
  app.addHook('preHandler', async ({ raw, routeOptions }) => {
    const names = Object.keys(routeOptions.config.contract?.headers?.shape ?? {});
    const came = raw.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    const repeated = names.filter((name) => came.indexOf(name) !== came.lastIndexOf(name));
    if (repeated.length === 0) return;
    throw new RequestInvalidError(
      'header',
      repeated.map((path) => ({ path, message: 'is there twice' })),
    );
  });
}

/** Refuses query parameters at every route whose contract has none; the others parse theirs. */
export function refuseUnknownQueries(app: FastifyInstance): void {
  app.addHook('preHandler', async (request) => {
    const { contract: of } = request.routeOptions.config;
    const names = Object.keys(request.query ?? {});
    if (!of || of.query || names.length === 0) return;
    throw new RequestInvalidError(
      'query',
      names.map((path) => ({ path, message: 'is not known' })),
    );
  });
}
