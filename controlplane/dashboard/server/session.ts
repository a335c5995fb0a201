import { signal } from '@preact/signals';
import type { SessionView } from '../../api/sessions/session-views.ts';
import { readSetting, writeSetting } from '../app/browser-settings.ts';
import { ROLE_ORDER } from './roles.ts';
import { api, bodyOf, type CookieHolder } from './request.ts';

/** undefined: not known yet. null: nobody is signed in. */
export const session = signal<SessionView | null | undefined>(sessionOfDocument());
/** Why the session that was there is not any more: the token was revoked or its time was over, or somebody signed out in another tab. */
export const endedBecause = signal<'it is over' | 'another tab' | null>(null);
/** Another tab of this browser signed in as somebody else: all tabs have one cookie. */
export const wasReplaced = signal(false);
/** A development system, which wants no token on its own machine. */
export const opensWithoutToken = signal(false);

/** Key in the storage of this browser: somebody has signed out, so no page signs in again by itself. */
const SIGNED_OUT = 'wip-signed-out';
const otherTabs = new BroadcastChannel('wip-session');
otherTabs.onmessage = () => void lookAtCookie('another tab').catch(() => undefined); // the next request tells it

/** Finds the session of the cookie, or opens one where no token is wanted: in a development system. */
export async function findSession(): Promise<void> {
  const found = await readSession();
  if (found || !opensWithoutToken.value || readSetting(SIGNED_OUT) === 'yes') return void (session.value = found);
  session.value = (await bodyOf(api.POST('/v1/session', { body: {} }))).session;
}

async function readSession(): Promise<SessionView | null> {
  const answer = await bodyOf(api.GET('/v1/session'));
  opensWithoutToken.value = answer.opensWithoutToken;
  return answer.session;
}

/** Takes the session that the cookie stands for now. Nothing is opened. */
async function lookAtCookie(why: 'it is over' | 'another tab'): Promise<void> {
  const before = session.value;
  const found = await readSession();
  if (before && !found) endedBecause.value = why;
  if (before && found && !isSamePerson(before, found)) wasReplaced.value = true;
  if (found) endedBecause.value = null;
  session.value = found;
}

function isSamePerson(one: SessionView, other: SessionView): boolean {
  return one.name === other.name && one.role === other.role;
}

/** The server writes the session into the document that it serves, where it knows it at once. */
function sessionOfDocument(): SessionView | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="wip-session"]')?.content;
  return content === undefined ? undefined : (JSON.parse(content) as SessionView);
}

/** Null: without one, as a development system allows. */
export async function signIn(token: string | null): Promise<void> {
  const answer = await bodyOf(api.POST('/v1/session', { body: token === null ? {} : { token } }));
  writeSetting(SIGNED_OUT, 'no');
  endedBecause.value = null;
  wasReplaced.value = false;
  session.value = answer.session;
  otherTabs.postMessage('in');
}

export async function signOut(): Promise<void> {
  const before = session.value;
  const request = api.DELETE('/v1/session');
  // At once, so that no page asks for anything after the cookie is gone.
  session.value = null;
  writeSetting(SIGNED_OUT, 'yes');
  try {
    await request;
    otherTabs.postMessage('out');
  } catch {
    writeSetting(SIGNED_OUT, 'no');
    session.value = before; // the node does not answer, which the banner says
  }
}

/** Asked after a 401: the cookie may be of a system whose data were deleted, and a development system opens a new one. */
export async function lookAgain(): Promise<void> {
  const before = session.value;
  await findSession();
  if (!before || session.value) return;
  endedBecause.value = readSetting(SIGNED_OUT) === 'yes' ? 'another tab' : 'it is over';
}

/**
 * Asked after a refusal: the cookie may be another one by now, whose CSRF token the request did not have. For the same person
 * the request can be repeated.
 */
export async function holderOfCookie(sentToken: string | undefined): Promise<CookieHolder> {
  const before = session.value;
  await lookAtCookie('another tab');
  const found = session.value;
  if (found?.csrfToken === sentToken) return 'as before';
  return before && found && isSamePerson(before, found) ? 'signed in again' : 'somebody else';
}

export function mayDo(role: SessionView['role']): boolean {
  const own = session.value?.role;
  return own !== undefined && ROLE_ORDER.indexOf(own) >= ROLE_ORDER.indexOf(role);
}
