import type { FastifyRequest } from 'fastify';
import type { Authenticator } from '../http/authentication.ts';
import { sessionCookieOf } from '../http/session-cookie.ts';
import type { SessionService } from './session-service.ts';
import type { SessionView } from './session-views.ts';

export interface SessionLookup {
  readonly sessions: SessionService;
  readonly authenticator: Authenticator;
}

/** Returns the session of the request's cookie; null: nobody is signed in, or the token was revoked. */
export async function findBrowserSession(lookup: SessionLookup, request: FastifyRequest): Promise<SessionView | null> {
  const cookie = sessionCookieOf(request);
  return cookie === undefined ? null : openedSession(lookup, cookie);
}

export async function openedSession(
  { sessions, authenticator }: SessionLookup,
  cookie: string,
): Promise<SessionView | null> {
  const session = sessions.openSession(cookie);
  const principal = session && (await authenticator.authenticate(session.token));
  return principal && { name: principal.name, role: principal.role, csrfToken: session.csrfToken };
}
