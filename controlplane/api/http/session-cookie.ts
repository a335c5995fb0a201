import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationalError } from '../../../shared/model/error.ts';

/** What the guard of the routes needs of sessions. */
export interface SessionOpener {
  openSession(cookie: string): { readonly token: string; readonly csrfToken: string } | null;
}

export const CSRF_HEADER = 'wip-csrf-token';
export const SESSION_COOKIE = 'wip_session';

/** Returns whether a request with this method needs the CSRF token of its session: those that RFC 9110, 9.2.1 calls safe do not. */
export function needsCsrfToken(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method);
}

export function sessionCookieOf(request: FastifyRequest): string | undefined {
  return request.cookies[SESSION_COOKIE];
}

export function setSessionCookie(
  reply: FastifyReply,
  value: string,
  { isSecure, maxAgeSeconds }: { readonly isSecure: boolean; readonly maxAgeSeconds: number },
): void {
  reply.setCookie(SESSION_COOKIE, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    maxAge: maxAgeSeconds,
  });
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, { path: '/' });
}

/**
 * Returns the token of the session whose cookie the request carries; undefined when there is none. A request that changes
 * something must prove that a page of this server sent it. Throws ORIGIN_REFUSED.
 */
export function tokenOfSession(request: FastifyRequest, sessions: SessionOpener): string | undefined {
  const cookie = sessionCookieOf(request);
  const session = cookie === undefined ? null : sessions.openSession(cookie);
  if (!session) return undefined;
  if (!needsCsrfToken(request.method) || request.headers[CSRF_HEADER] === session.csrfToken) return session.token;
  throw new OperationalError('ORIGIN_REFUSED', {
    happened: `The request carries the cookie of a session without its CSRF token in the header "${CSRF_HEADER}"`,
    remedy: 'Take the token from GET /v1/session, or send an API token in the header "Authorization" instead',
  });
}
