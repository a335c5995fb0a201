import { OperationalError, type OperationalErrorCode } from '../../shared/model/error.ts';
import { singleLine } from '../../shared/model/single-line.ts';
import { EnrolmentAnswer, type EnrolmentRequest } from '../../shared/protocol/enrolment.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { FollowingAbort } from '../../shared/time/following-abort.ts';
import { isLoopbackHost } from '../../shared/http/loopback.ts';
import { retryAfterMs } from '../../shared/http/retry-after.ts';
import { jsonOrUndefined } from '../../shared/text/json-or-undefined.ts';
import { postOnce, type HttpAnswer } from './http-post.ts';
import { REQUEST_TIMEOUT_MS, retryPauseMs } from './retry-backoff.ts';

export interface EnrolmentDeps {
  /** WIP_ENROL_URL. */
  readonly url: string;
  /** WIP_ENROL. */
  readonly token: string;
  readonly hostKeyLine: string;
  readonly taskArn?: string;
  readonly agentVersion: string;
  readonly startedAt: Date;
  /** The same for every try, so that a lost answer can be given again. */
  readonly nonce: string;
  /** Permits http to hosts other than this one. */
  readonly allowHttp?: boolean;
  readonly requestTimeoutMs?: number;
  /** Aborts when the container is being stopped: from then on the pauses between tries are short. */
  readonly hurry?: AbortSignal;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Short pauses, so that a control plane that comes back in the last seconds of a container is still found (chosen). */
const HURRIED_PAUSE_MS = 250;

type Refusal = { readonly code: OperationalErrorCode; readonly happened: string; readonly remedy: string };

const REFUSED: Refusal = {
  code: 'ENROLMENT_REFUSED',
  happened: 'The control plane refused the enrolment of this container',
  remedy:
    'Check that this container was started by the control plane that WIP_ENROL_URL names, less than 10 minutes ago',
};

/**
 * Codes with which the control plane says no. An answer without one of them is a proxy's, whatever its status is, and
 * may pass with time.
 */
const REFUSALS: ReadonlyMap<unknown, Refusal> = new Map<OperationalErrorCode, Refusal>([
  [
    'ENROLMENT_REUSED',
    {
      code: 'ENROLMENT_REUSED',
      happened: 'The enrolment token was used before, by another agent or from another start of this one',
      remedy: 'Find out who else knows the environment of this container; it cannot be used',
    },
  ],
  [
    'ENROLMENT_VOID',
    {
      code: 'ENROLMENT_VOID',
      happened: 'The control plane has given up this container',
      remedy: 'Nothing is left to do here: another container was started in its place, or the task has ended',
    },
  ],
  ['ENROLMENT_REFUSED', REFUSED],
  ['REQUEST_INVALID', REFUSED],
  ['REQUEST_TOO_LARGE', REFUSED],
  ['ROUTE_UNKNOWN', REFUSED],
  ['METHOD_NOT_ALLOWED', REFUSED],
]);

/**
 * Announces this container's agent to the control plane and gets the key for its signals. Tries until it is answered.
 * Throws ENROLMENT_VOID, ENROLMENT_REUSED or ENROLMENT_REFUSED, and AGENT_STOPPING on `abort`.
 */
export async function enrol(deps: EnrolmentDeps, abort: AbortSignal): Promise<EnrolmentAnswer> {
  const url = enrolmentUrl(deps);
  const body = Buffer.from(JSON.stringify(requestOf(deps)));
  const timeoutMs = deps.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  for (let attempt = 0; !abort.aborted; attempt += 1) {
    const startedMs = deps.clock.monotonicMs();
    const answer = await postOnce({ url, headers: {}, body, timeoutMs }, abort);
    if (abort.aborted) break;
    const enrolment = enrolmentOf(answer);
    if (enrolment) return enrolment;
    const askedMs = answer.kind === 'answer' ? retryAfterMs(answer.retryAfter, deps.clock.now()) : undefined;
    const tookMs = deps.clock.monotonicMs() - startedMs;
    const waitMs = retryPauseMs({ attempt, tookMs, askedMs }, deps.random);
    deps.log.warn(
      { attempt: attempt + 1, host: url.host, why: whyNot(answer), waitMs },
      'enrolment not answered, trying again',
    );
    await pause(deps, waitMs, abort);
  }
  throw new OperationalError('AGENT_STOPPING', {
    happened: 'The agent was told to stop before it was enrolled',
    remedy: 'Start another container if the work is still wanted',
  });
}

async function pause({ clock, hurry }: EnrolmentDeps, waitMs: number, abort: AbortSignal): Promise<void> {
  const startedMs = clock.monotonicMs();
  const wake = new FollowingAbort(abort, ...(hurry ? [hurry] : []));
  if (!hurry?.aborted) await clock.sleep(waitMs, wake.signal);
  wake.release();
  if (hurry?.aborted) await clock.sleep(Math.min(HURRIED_PAUSE_MS, waitMs - clock.monotonicMs() + startedMs), abort);
}

function requestOf(deps: EnrolmentDeps): EnrolmentRequest {
  return {
    enrol: deps.token,
    ...(deps.taskArn === undefined ? {} : { taskArn: deps.taskArn }),
    hostKey: deps.hostKeyLine,
    agentVersion: deps.agentVersion,
    startedAt: deps.startedAt.toISOString(),
    nonce: deps.nonce,
  };
}

/** The token and the key travel in clear inside this request, so only https will do, except within one machine. */
function enrolmentUrl(deps: EnrolmentDeps): URL {
  const url = URL.canParse(deps.url) ? new URL(deps.url) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `WIP_ENROL_URL is not an http(s) address: "${deps.url}"`,
      remedy: 'Let the control plane start this container; it sets the address',
    });
  }
  if (url.protocol === 'http:' && !deps.allowHttp && !isLoopbackHost(url.hostname)) {
    throw new OperationalError('ENROLMENT_REFUSED', {
      happened: `The enrolment address ${url.origin} is not https, so the key of this container could be read on the way`,
      remedy: 'Give the control plane an https address, or set allow_http where the network is trusted',
    });
  }
  return url;
}

/** Returns undefined when another try is worth it. */
function enrolmentOf(answer: HttpAnswer): EnrolmentAnswer | undefined {
  if (answer.kind === 'lost') return undefined;
  const body = jsonOrUndefined(answer.text);
  if (typeof body !== 'object' || body === null) return undefined;
  const isOurs = 'key' in body && typeof body.key === 'string';
  if (answer.status >= 200 && answer.status < 300) return isOurs ? parseAnswer(body) : undefined;
  const refusal = 'code' in body ? REFUSALS.get(body.code) : undefined;
  if (refusal) throw refused(refusal, answer.status, body);
  return undefined;
}

/** The answer has a key, so it is the control plane's, and its next answer will be the same. */
function parseAnswer(body: object): EnrolmentAnswer {
  const parsed = EnrolmentAnswer.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new OperationalError('ENROLMENT_REFUSED', {
    // The message names only the fields that are wrong: the answer may hold the key.
    happened: `The enrolment address answered something that is not an enrolment (${parsed.error.issues
      .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.code}`)
      .join(', ')})`,
    remedy: 'Check that WIP_ENROL_URL leads to the control plane, and that it is not older than this agent',
    cause: undefined,
  });
}

function refused({ code, happened, remedy }: Refusal, status: number, body: object): OperationalError {
  const given = 'message' in body && typeof body.message === 'string' ? singleLine(body.message).slice(0, 500) : '';
  const message = given === '' ? '' : `: ${given.replace(/\.$/, '')}`;
  const said = code === 'ENROLMENT_REFUSED' ? `${happened} with status ${status}${message}` : happened;
  return new OperationalError(code, { happened: said, remedy });
}

/** Says what an operator is to look at, by the codes of Node. */
const MEANINGS: readonly (readonly [code: RegExp, meaning: string])[] = [
  [/^(?:ENOTFOUND|EAI_\w+)$/, 'the name is not known to the name server of the container'],
  [/^ECONNREFUSED$/, 'nothing listens there'],
  [/^(?:ECONNRESET|EPIPE)$/, 'the connection was cut'],
  [/^(?:EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/, 'the network leads nowhere: look at routes and security groups'],
  [/^(?:EPROTO$|ERR_SSL_)/, 'what listens there speaks no TLS, or no version of it that the agent does'],
  [/CERT|VERIFY|ISSUER/, 'its certificate is not trusted here, is not valid now, or is for another name'],
];

/** A code alone is no help to an operator who reads the log. */
function withMeaning(why: string): string {
  const meaning = MEANINGS.find(([code]) => code.test(why))?.[1];
  return meaning === undefined ? why : `${why}: ${meaning}`;
}

function whyNot(answer: HttpAnswer): string {
  if (answer.kind === 'lost') return withMeaning(answer.why);
  const body = jsonOrUndefined(answer.text);
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  if (typeof code === 'string') return `status ${answer.status}, ${code}`;
  const isError = answer.status >= 500 || answer.status === 429;
  return isError ? `status ${answer.status}` : `status ${answer.status}, and no answer of the control plane`;
}
