import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { contract } from '../http/contract.ts';
import { HTTP_STATUS } from '../http/http-status.ts';
import type { DescribedRoute } from './described-routes.ts';
import { DOCS_STYLE, makeDocsPage } from './docs-page.ts';
import { makeOpenApiDocument, type OpenApiDocument } from './openapi-document.ts';

/** The schema of the document itself. It does not describe the routes' part: the document would contain its own description. */
const Document = z.object({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) });
const DOCUMENT = contract({
  summary: 'This document',
  answers: { 200: { media: 'application/json', description: 'An OpenAPI 3.1 document', schema: Document } },
});

// The page has no script, and one style, which is named by its hash: nothing else can be smuggled in.
const STYLE_HASH = createHash('sha256').update(DOCS_STYLE).digest('base64');
const CONTENT_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export interface OpenApiDeps {
  /** Routes that are registered later are in it, too. */
  readonly routes: readonly DescribedRoute[];
  readonly version: string;
}

/** The description of the API for programs, and as a page for people. */
export function openApiRoutes(app: FastifyInstance, { routes, version }: OpenApiDeps): void {
  let document: OpenApiDocument | undefined;
  const read = (): OpenApiDocument => (document ??= makeOpenApiDocument(routes, version));
  let page: string | undefined;
  app.get('/v1/openapi.json', DOCUMENT, (): OpenApiDocument => read());
  app.get('/docs', (_request, reply) => {
    page ??= makeDocsPage(routes, { version, statuses: HTTP_STATUS });
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', CONTENT_POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .send(page);
  });
}
