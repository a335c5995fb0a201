import type { z } from 'zod';

/** An answer that is no JSON, by its media type. */
export interface MediaAnswer {
  readonly media: string;
  readonly description: string;
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

declare module 'fastify' {
  interface FastifyContextConfig {
    contract?: RouteContract;
  }
}

/** Returns the options of a route with this contract. */
export function contract(of: RouteContract): { readonly config: { readonly contract: RouteContract } } {
  return { config: { contract: of } };
}
