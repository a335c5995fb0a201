import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { LATE, withinTime } from '../../../shared/time/within-time.ts';
import { parseRequest } from '../http/parse-request.ts';
import { findBrowserSession, type SessionLookup } from '../sessions/find-browser-session.ts';
import type { SessionView } from '../sessions/session-views.ts';
import { DASHBOARD_PAGES, isForPerson, suggestPage } from './suggest-page.ts';
import type { DashboardFile, DashboardService } from './dashboard-service.ts';

/**
 * A page may load only files of this server, has no inline script or style, and cannot be framed. A line of build output that
 * looks like markup is harmless even if a component rendered it as markup.
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

/** The page is sent without its session when the database takes longer: the page then asks for the session itself, and shows the error. */
const SESSION_MS = 250;

export interface DashboardRouteServices {
  readonly dashboard: DashboardService;
  readonly lookup: SessionLookup;
  readonly clock: Clock;
}

export function dashboardRoutes(app: FastifyInstance, { dashboard, lookup, clock }: DashboardRouteServices): void {
  const sessionOf = async (request: FastifyRequest): Promise<SessionView | null> => {
    try {
      const found = await withinTime(findBrowserSession(lookup, request), { clock, limitMs: SESSION_MS });
      return found === LATE ? null : found;
    } catch (error) {
      request.log.info({ err: error }, 'page served without its session');
      return null;
    }
  };
  for (const path of DASHBOARD_PAGES) {
    app.get(path, async (request, reply) => {
      // The router matches `/tasks/` with an empty `:id`.
      const suggested = suggestPage(pathOf(request));
      if (suggested !== null) return reply.redirect(suggested);
      const page = await dashboard.findPage();
      const session = page && (await sessionOf(request));
      if (!page || !session) return sendFile(request, reply.header('cache-control', 'no-cache'), page);
      return reply
        .headers({ ...HEADERS, 'cache-control': 'no-store' })
        .type(page.type)
        .send(withSession(page.body.toString(), session));
    });
  }
  app.get('/assets/:name', async (request, reply) => {
    const { name } = parseRequest(Path, request.params, 'path');
    return sendFile(request, reply.header('cache-control', FOREVER), await dashboard.findAsset(name));
  });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?')[0] ?? '';
}

/** Paths for programs. Below them an unknown path is answered with problem details, never with a page. */
const FOR_PROGRAMS = /^\/(v1|assets|docs|metrics|healthz|readyz|hooks)(\/|$)/;

/**
 * Answers a person who has typed an unknown address: redirects to the page that was probably meant, or sends the "not found"
 * page. Returns false for programs, which get problem details.
 */
export async function answerUnknownPage(
  dashboard: DashboardService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<boolean> {
  const path = pathOf(request);
  if (!isForPerson({ method: request.method, accept: request.headers.accept ?? '' }) || FOR_PROGRAMS.test(path))
    return false;
  const suggested = suggestPage(path);
  if (suggested !== null) {
    void reply.redirect(suggested);
    return true;
  }
  const page = await dashboard.findPage();
  if (!page) return false;
  void sendFile(request, reply.code(404).header('cache-control', 'no-cache'), page);
  return true;
}

/** Puts the session into the document, so that the first request of the page is already for its content. */
function withSession(document: string, session: SessionView): string {
  const content = JSON.stringify(session).replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
  // The replacement is a function: in a string, `replace` would interpret a "$&" in a name.
  return document.replace('</head>', () => `<meta name="wip-session" content="${content}">\n</head>`);
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: DashboardFile | null): FastifyReply {
  if (!file) {
    reply.header('cache-control', 'no-store');
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
