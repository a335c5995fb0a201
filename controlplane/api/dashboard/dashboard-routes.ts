import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { DashboardFile, DashboardService } from './dashboard-service.ts';

/** Paths of pages. All of them are one document, which shows the page of its address. */
const PAGES = ['/', '/tasks/:id', '/queue', '/clusters', '/health'] as const;

/**
 * Nothing but the files of this server, no script or style inside the document, in no frame: a line of output that
 * looks like markup can do nothing even if a component showed it as such.
 */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept-encoding',
} as const;

const Path = z.strictObject({ name: z.string() });

/** Names hold the hash of their content, so a file under a name never changes. */
const FOREVER = 'public, max-age=31536000, immutable';

export function dashboardRoutes(app: FastifyInstance, dashboard: DashboardService): void {
  for (const path of PAGES) {
    app.get(path, async (request, reply) => {
      const page = await dashboard.findPage();
      return sendFile(request, reply.header('cache-control', 'no-cache'), page);
    });
  }
  app.get('/assets/:name', async (request, reply) => {
    const { name } = parseRequest(Path, request.params, 'path');
    return sendFile(request, reply.header('cache-control', FOREVER), await dashboard.findAsset(name));
  });
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: DashboardFile | null): FastifyReply {
  if (!file) {
    reply.removeHeader('cache-control');
    throw new OperationalError('ROUTE_UNKNOWN', {
      happened: `There is nothing at ${request.method} ${request.url.split('?')[0]}`,
      remedy: 'Reload the page: the dashboard of this node may have been replaced',
    });
  }
  const isGzipAccepted = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(
    String(request.headers['accept-encoding'] ?? ''),
  );
  if (isGzipAccepted) reply.header('content-encoding', 'gzip');
  return reply
    .headers(HEADERS)
    .type(file.type)
    .send(isGzipAccepted ? file.gzipped : file.body);
}
