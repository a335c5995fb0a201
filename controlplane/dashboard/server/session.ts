import { signal } from '@preact/signals';
import type { SessionView } from '../../api/sessions/session-views.ts';
import { ROLE_ORDER } from './roles.ts';
import { api, bodyOf } from './request.ts';

/** undefined: not known yet. null: nobody is signed in. */
export const session = signal<SessionView | null | undefined>(sessionOfDocument());
/** The session was there and is not any more: the token was revoked, or the time was over. */
export const wasSignedOut = signal(false);

/** Finds the session of the cookie, or opens one where no token is wanted: in a development system. */
export async function findSession(): Promise<void> {
  const answer = await bodyOf(api.GET('/v1/session'));
  if (answer.session || !answer.opensWithoutToken) {
    session.value = answer.session;
    return;
  }
  const opened = await bodyOf(api.POST('/v1/session', { body: {} }));
  session.value = opened.session;
}

/** The server writes the session into the document that it serves, where it knows it at once. */
function sessionOfDocument(): SessionView | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="wip-session"]')?.content;
  return content === undefined ? undefined : (JSON.parse(content) as SessionView);
}

export async function signIn(token: string): Promise<void> {
  const answer = await bodyOf(api.POST('/v1/session', { body: { token } }));
  wasSignedOut.value = false;
  session.value = answer.session;
}

export async function signOut(): Promise<void> {
  const before = session.value;
  const request = api.DELETE('/v1/session');
  // At once, so that no page asks for anything after the cookie is gone.
  session.value = null;
  try {
    await request;
  } catch {
    session.value = before; // the node does not answer, which the banner says
  }
}

/** Asked after a 401: the cookie may be of a system whose data were deleted, and a development system opens a new one. */
export async function lookAgain(): Promise<void> {
  const before = session.value;
  await findSession();
  wasSignedOut.value = Boolean(before) && !session.value;
}

export function mayDo(role: SessionView['role']): boolean {
  const own = session.value?.role;
  return own !== undefined && ROLE_ORDER.indexOf(own) >= ROLE_ORDER.indexOf(role);
}
