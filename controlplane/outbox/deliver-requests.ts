import { randomUUID } from 'node:crypto';
import { openSealed } from '../../shared/keys/sealing.ts';
import { decideAbandoned, decideTry, type TryDecision } from './decide-try.ts';
import { hmacHeaders, isAnswerSigned, SERVER_SIGNATURE, type HmacKey, type Moment } from './http-hmac.ts';
import { requestContext } from '../store/secrets/seal-contexts.ts';
import { postponeRequest, settleRequest, takeDueRequests, type DueRequest } from '../store/outbox/requests.ts';
import { LOG_LEVEL } from '../tasks/context.ts';
import type { Delivery } from '../tasks/outgoing-request.ts';
import { RequestToDeliver } from './request-to-deliver.ts';
import type { SendOutcome } from './send-request.ts';
import type { EngineDeps } from '../engine/engine-deps.ts';
import { FollowingAbort } from '../../shared/time/following-abort.ts';

type DeliveryDeps = Pick<
  EngineDeps,
  'db' | 'masterKey' | 'sendRequest' | 'clock' | 'log' | 'outage' | 'notifyNodes' | 'observer' | 'failpoint'
>;

const POLL_INTERVAL_MS = 1_000;
const AT_ONCE = 16;
// Three times the limit of one try (send-request.ts). After this time another node takes the request.
const HOLD_SECONDS = 60;

/**
 * Sends the requests that tasks have left for delivery, those of ended tasks too. Runs until `abort`; never throws.
 */
export async function deliverRequests(deps: DeliveryDeps, abort: AbortSignal): Promise<void> {
  const trying = new Set<Promise<void>>();
  let isFailing = false;
  let endPause = (): void => undefined;
  while (!abort.aborted) {
    const pause = new FollowingAbort(abort);
    // Before the requests are taken: one that is settled meanwhile may have made another one due.
    endPause = () => pause.abort();
    try {
      const limit = AT_ONCE - trying.size;
      const due = limit > 0 ? await takeDueRequests(deps.db, { limit, holdSeconds: HOLD_SECONDS }) : [];
      for (const request of due) {
        const tried = tryRequest(deps, request, abort)
          // The next request of its lane may be waiting for this one.
          .then((outcome) => void (outcome === 'settled' && endPause()))
          .catch((error: unknown) => {
            if (deps.outage.note(error, 'delivering a request')) return;
            deps.log.warn({ err: error, taskId: request.taskId }, 'delivering a request failed');
          })
          .finally(() => trying.delete(tried));
        trying.add(tried);
      }
      isFailing = false;
    } catch (error) {
      // Logged once an outage: the engine logs its end.
      const isTold = deps.outage.note(error, 'looking for requests to deliver');
      if (!isTold && !isFailing) deps.log.warn({ err: error }, 'looking for requests to deliver failed');
      isFailing = true;
    }
    await deps.clock.sleep(POLL_INTERVAL_MS, pause.signal);
    pause.release();
  }
  await Promise.all(trying);
}

async function tryRequest(deps: DeliveryDeps, due: DueRequest, abort: AbortSignal): Promise<'settled' | 'postponed'> {
  const decision = (due.wasAbandoned && decideAbandoned(due)) || (await send(deps, due, abort));
  deps.observer.requestTried(decision.kind);
  const { effectKey, taskId, name } = due;
  if (decision.kind === 'again') {
    await postponeRequest(deps.db, due, { afterSeconds: decision.afterSeconds, error: decision.message });
    return 'postponed';
  }
  await deps.failpoint('before-request-settled', name);
  const { hasWoken } = await settleRequest(deps.db, {
    effectKey,
    taskId,
    state: decision.kind,
    answer: decision satisfies Delivery,
    log: logOf(name, decision),
  });
  await deps.failpoint('after-request-settled', name);
  if (hasWoken) deps.notifyNodes(taskId);
  return 'settled';
}

async function send(deps: DeliveryDeps, due: DueRequest, abort: AbortSignal): Promise<TryDecision> {
  const text = openSealed(deps.masterKey, due.request, requestContext(due.effectKey));
  const request = RequestToDeliver.parse(JSON.parse(text));
  await deps.failpoint('before-request-sent', due.name);
  // A request that must not be sent again is waited for, at most 20 s. Otherwise every restart would leave its
  // outcome unknown.
  const signal = due.isRepeatable ? abort : new AbortController().signal;
  const outcome = await sendSigned(deps, request, signal);
  await deps.failpoint('after-request-sent', due.name);
  return decideTry(outcome, { ...due, isSigned: request.sign !== undefined }, deps.clock.now());
}

async function sendSigned(deps: DeliveryDeps, request: RequestToDeliver, signal: AbortSignal): Promise<SendOutcome> {
  const { method, url, headers, body, sign, certificate } = request;
  const moment = { nonce: randomUUID(), timestamp: Math.floor(deps.clock.now().getTime() / 1_000) };
  const outcome = await deps.sendRequest(
    {
      method,
      url,
      headers: sign ? { ...headers, ...hmacHeaders(sign, request, moment) } : headers,
      ...(body !== undefined && { body }),
      ...(certificate !== undefined && { certificate }),
    },
    signal,
  );
  return sign ? unlessForged(sign, moment, outcome) : outcome;
}

/**
 * Whoever answers with a wrong signature does not have the secret: a proxy, or somebody in the receiver's place. An answer
 * without one is taken, because not every receiver signs its errors.
 */
function unlessForged(key: HmacKey, moment: Moment, outcome: SendOutcome): SendOutcome {
  if (outcome.kind !== 'answer' || !outcome.isWhole) return outcome;
  const signature = outcome.headers[SERVER_SIGNATURE];
  if (signature === undefined || isAnswerSigned(key, moment, { body: outcome.body, signature })) return outcome;
  const message = `the answer ${outcome.status} has a signature that is not the receiver's`;
  return { kind: 'no-answer', neverSent: false, message };
}

function logOf(name: string, decision: Exclude<TryDecision, { kind: 'again' }>): { level: number; message: string } {
  switch (decision.kind) {
    case 'answered':
      return { level: LOG_LEVEL.DEBUG, message: `The request "${name}" was answered ${decision.status}.` };
    case 'refused':
      return { level: LOG_LEVEL.WARN, message: `The request "${name}" was refused: ${decision.message}.` };
    case 'unknown':
      return {
        level: LOG_LEVEL.WARN,
        message: `Whether the request "${name}" arrived is not known, and it is not sent again: ${decision.message}.`,
      };
  }
}
