import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contract, jsonWith, EMPTY } from '../http/contract.ts';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { isFromLocalProgram } from '../http/from-local-program.ts';
import { parseJsonBody } from '../http/parse-request.ts';
import { clearSessionCookie, setSessionCookie } from '../http/session-cookie.ts';
import { findBrowserSession, openedSession, type SessionLookup } from './find-browser-session.ts';
import { SESSION_SECONDS, type SessionService } from './session-service.ts';
import { SessionAnswer } from './session-views.ts';

const COOKIE = { 'set-cookie': 'The cookie that stands for the token; signing out takes it away' };
const Body = z.strictObject({
  token: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe('A token of the API. Left out: a development system gives its own to programs of its machine.'),
});

/** Signing in and out of a browser: EventSource sends no header, so the token travels in a cookie. */
export function sessionRoutes(app: FastifyInstance, services: SessionLookup): void {
  const { sessions } = services;
  app.get(
    '/v1/session',
    contract({ summary: 'The session of a browser', answers: { 200: SessionAnswer } }),
    async (request): Promise<SessionAnswer> => {
      return {
        session: await findBrowserSession(services, request),
        opensWithoutToken: opensWithoutToken(sessions, request),
      };
    },
  );
  app.post(
    '/v1/session',
    contract({ summary: 'Signs a browser in', body: Body, answers: { 201: jsonWith(SessionAnswer, COOKIE) } }),
    async (request, reply): Promise<SessionAnswer> => {
      const token = parseJsonBody(Body, request.body).token ?? loopbackToken(sessions, request);
      const cookie = token === null ? null : sessions.sealSession(token);
      const session = cookie === null ? null : await openedSession(services, cookie);
      if (cookie === null || session === null) throw unknownToken(token);
      setSessionCookie(reply, cookie, { isSecure: sessions.isSecure(), maxAgeSeconds: SESSION_SECONDS });
      reply.code(201);
      return { session, opensWithoutToken: opensWithoutToken(sessions, request) };
    },
  );
  app.delete(
    '/v1/session',
    contract({ summary: 'Signs a browser out', answers: { 204: { ...EMPTY, headers: COOKIE } } }),
    async (_request, reply) => {
      clearSessionCookie(reply);
      return reply.code(204).send();
    },
  );
}

/** A proxy on this machine speaks for others, so its requests do not count as local. */
function loopbackToken(sessions: SessionService, request: FastifyRequest): string | null {
  return isFromLocalProgram(request) ? sessions.loopbackToken : null;
}

function opensWithoutToken(sessions: SessionService, request: FastifyRequest): boolean {
  return loopbackToken(sessions, request) !== null;
}

function unknownToken(token: string | null): OperationalError {
  return new OperationalError('UNAUTHORIZED', {
    happened:
      token === null ? 'The request carries no token' : 'This server does not know this token, or it was revoked',
    remedy: 'Check it, or have another one made with "wipctl tokens create"',
  });
}
