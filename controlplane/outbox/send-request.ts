import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, request as send } from 'undici';
import { messageOf } from '../../shared/model/error.ts';
import { readBounded } from '../../shared/http/read-bounded.ts';
import { canonicalHost } from '../../shared/repository/repository-address.ts';
import { whyHostRefused, whyReceiverRefused, type RepositoryHosts } from '../../shared/repository/repository-hosts.ts';
import { FollowingAbort } from '../../shared/time/following-abort.ts';

/** One HTTP request in the form in which it is sent. */
interface RequestToSend {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `any`: whoever answers at the address is believed, as a receiver with a certificate of its own needs it. */
  readonly certificate?: 'verified' | 'any';
}

export type SendOutcome =
  /** `body`: the first 64 KiB of the body as text. `isWhole`: there was no more. Names of `headers` in lower case. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly isWhole: boolean;
    }
  /** `neverSent`: no connection was made, so no receiver can have the request. */
  | { readonly kind: 'no-answer'; readonly neverSent: boolean; readonly message: string }
  /** No request may go there. */
  | { readonly kind: 'forbidden'; readonly message: string };

export type SendRequest = (request: RequestToSend, abort: AbortSignal) => Promise<SendOutcome>;

const TIMEOUT_MS = 20_000;
const MAX_BODY_BYTES = 65_536;
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

class Forbidden extends Error {}

/**
 * Returns a function that sends once and never throws. A redirect is returned as an answer: the task that sends a secret
 * decides where it goes. The addresses of a name are checked against `hosts` when the connection is made, because a name
 * may have got another address since it was checked.
 */
export function createSender(hosts: RepositoryHosts, timeoutMs = TIMEOUT_MS): SendRequest {
  const check = guardedLookup(hosts);
  // No connection is kept: between two requests of a task there are minutes.
  const agentOf = (rejectUnauthorized: boolean): Agent =>
    new Agent({ pipelining: 0, connect: { lookup: check, rejectUnauthorized } });
  const agents = { verified: agentOf(true), any: agentOf(false) };
  return async ({ certificate = 'verified', ...request }, abort) => {
    const end = new FollowingAbort(abort);
    const timer = setTimeout(() => end.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const refused = whyReceiverRefused(hosts, request.url);
      if (refused !== null) throw new Forbidden(refused);
      const answer = await send(request.url, {
        method: request.method as 'GET',
        headers: request.headers,
        body: request.body ?? null,
        dispatcher: agents[certificate],
        signal: end.signal,
      });
      const { bytes, isWhole } = await readBounded(answer.body, MAX_BODY_BYTES);
      const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value ?? '')]);
      return {
        kind: 'answer',
        status: answer.statusCode,
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: bytes.toString(),
        isWhole,
      };
    } catch (error) {
      return failure(error);
    } finally {
      clearTimeout(timer);
      end.release();
    }
  };
}

function failure(error: unknown): SendOutcome {
  if (error instanceof Forbidden) return { kind: 'forbidden', message: error.message };
  const code = (error as { code?: unknown }).code;
  return { kind: 'no-answer', neverSent: NEVER_SENT.has(String(code)), message: messageOf(error) };
}

function guardedLookup(hosts: RepositoryHosts): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, []);
      const why = whyHostRefused(
        hosts,
        canonicalHost(host) ?? host,
        found.map(({ address }) => address),
      );
      if (why !== null) return done(new Forbidden(why), []);
      const [first] = found;
      if (options.all) done(null, found);
      else done(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}
