import { z } from 'zod';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Secret } from '../../../shared/keys/secret.ts';
import type { Sealer } from '../../../shared/keys/sealing.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';

/** A week, the default of GitLab: nobody has to sign in each morning, and a forgotten browser is signed out at some time. */
export const SESSION_SECONDS = 7 * 24 * 3600;
const CONTEXT = 'session';

const Content = z.object({ token: z.string(), expiresAt: z.number() });

interface OpenSession {
  /** The API token that the session was opened with. */
  readonly token: string;
  /** Proves that a request comes from a page of this server, because only such a page can read an answer with this token. */
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
  /** The token for sessions of callers on this machine that have no token of their own; null: they get no session. */
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
      // Only who has the cookie can compute this value, and the cookie cannot be computed from it.
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
    // The client may send any cookie: one of another installation, one sealed with a removed key, or an invented one.
    return null;
  }
}
