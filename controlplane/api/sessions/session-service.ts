import { z } from 'zod';
import type { Clock } from '../../../shared/support/clock.ts';
import type { Secret } from '../../../shared/support/secret.ts';
import type { Sealer } from '../../../shared/support/sealing.ts';
import { sha256Hex } from '../../../shared/support/signing.ts';

/** A week, as GitLab's default: nobody signs in again each morning, and a forgotten browser does not stay open. */
export const SESSION_SECONDS = 7 * 24 * 3600;
const CONTEXT = 'session';

const Content = z.object({ token: z.string(), expiresAt: z.number() });

interface OpenSession {
  /** The API token that the session was opened with. */
  readonly token: string;
  /** Proves that a request comes from a page that could read an answer of this server. */
  readonly csrfToken: string;
}

/**
 * Sessions of browsers. The cookie is the token, sealed with the key of the installation: every node opens it, nothing is
 * stored, and a session ends with its token, because the token is looked up at each request.
 */
export interface SessionService {
  /** Returns the value of the cookie. */
  sealSession(token: string): string;
  /** Returns null for a cookie that is no session of this installation, or that has expired. */
  openSession(cookie: string): OpenSession | null;
  /** The token that callers on this machine get a session with, without one of their own. null: there is none. */
  readonly loopbackToken: string | null;
  /** The cookie is sent over https only. */
  isSecure(): boolean;
}

export interface SessionServiceDeps {
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly loopbackToken: Secret<string> | null;
  readonly publicUrl: () => string;
}

export function createSessionService({ sealer, clock, loopbackToken, publicUrl }: SessionServiceDeps): SessionService {
  return {
    sealSession: (token) => {
      const expiresAt = clock.now().getTime() + SESSION_SECONDS * 1000;
      return sealer.seal(JSON.stringify({ token, expiresAt } satisfies z.infer<typeof Content>), CONTEXT);
    },
    openSession: (cookie) => {
      const content = openContent(sealer, cookie);
      if (!content || content.expiresAt <= clock.now().getTime()) return null;
      // Nobody can compute it who does not have the cookie, and the cookie cannot be computed from it.
      return { token: content.token, csrfToken: sha256Hex(`csrf:${cookie}`) };
    },
    loopbackToken: loopbackToken?.reveal() ?? null,
    isSecure: () => publicUrl().startsWith('https:'),
  };
}

function openContent(sealer: Sealer, cookie: string): z.infer<typeof Content> | null {
  try {
    return Content.parse(JSON.parse(sealer.open(cookie, CONTEXT)));
  } catch {
    // The cookie comes from the client: of another installation, of a key that was rotated out, or made up.
    return null;
  }
}
