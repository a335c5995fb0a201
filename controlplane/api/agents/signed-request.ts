import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { CallbackId, type TaskId } from '../../../shared/model/ids.ts';
import { HEADER, MAX_CLOCK_SKEW_SECONDS } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { isSignedBy } from '../../../shared/keys/signing.ts';
import type { BodiesInFlight } from '../limits/bodies-in-flight.ts';
import { rawBody } from '../http/parse-request.ts';
import type { AgentReportService } from './agent-report-service.ts';
import { isSigningKey, type SenderKey } from './sender-keys.ts';

export const CallbackPath = z.strictObject({
  callback: CallbackId.describe('Secret id of the container, the end of the SIGNAL_URL that it was started with.'),
});
export const SIGNATURE_HEADERS = z.object({
  [HEADER.id]: z
    .string()
    .describe('Id of the message, the same when it is sent again: the id of the key, a colon and a number.'),
  [HEADER.timestamp]: z.string().describe('When it was sent (s since 1970), at most 5 minutes ago.'),
  [HEADER.signature]: z.string().describe('The signature of id, timestamp and body (Standard Webhooks).'),
});

export interface SignedRequestDeps {
  readonly agents: AgentReportService;
  /** Bounds the memory that one container can take. */
  readonly bodies: BodiesInFlight;
  readonly clock: Clock;
}

/** A request whose signature is good. Its body may be parsed only now. */
export interface VerifiedRequest {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly webhookId: string;
  /** The webhook id without the key id in front of it. */
  readonly webhookName: string;
  readonly body: Buffer;
}

/** The container that a request claims to be from. */
interface ClaimedSender {
  readonly callbackId: CallbackId;
  readonly senderKey: SenderKey;
}

/** Written before the body of a request is read, used when its sender is verified. */
const senders = new WeakMap<FastifyRequest, ClaimedSender & { readonly hasBody: () => void }>();

/** Runs before the body is read, so that a sender without a known callback id cannot make the server read megabytes. */
export function findKeyFirst({
  agents,
  bodies,
}: SignedRequestDeps): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const { callback } = request.params as { callback: string };
    const callbackId = CallbackId.safeParse(callback);
    const senderKey = callbackId.success ? await agents.findSenderKey(callbackId.data) : null;
    if (!callbackId.success || !senderKey) throw callbackUnknown();
    // The address is part of the key, so that a stranger who has read the callback id somewhere uses up nothing of the
    // container's own bound.
    const hasBody = bodies.enter(`${request.ip} ${callbackId.data}`, reply);
    senders.set(request, { callbackId: callbackId.data, senderKey, hasBody });
  };
}

/** Returns the sender that findKeyFirst found. Called when the body has arrived, so that it no longer counts as in flight. */
export function claimedSender(request: FastifyRequest): ClaimedSender {
  const found = senders.get(request);
  if (!found) throw new Error(`${request.routeOptions.url} verifies its sender without findKeyFirst`);
  found.hasBody();
  return found;
}

/** Throws SIGNAL_UNAUTHENTIC or SIGNAL_CLOCK_SKEW; the latter only to those who hold the key. */
export function verifySignature(request: FastifyRequest, reply: FastifyReply, clock: Clock): VerifiedRequest {
  const { callbackId, senderKey: signingKey } = claimedSender(request);
  if (!isSigningKey(signingKey)) throw unauthentic('this container has no key to sign with');
  const webhookId = headerOf(request, HEADER.id);
  const timestamp = Number(headerOf(request, HEADER.timestamp));
  if (!Number.isSafeInteger(timestamp)) throw unauthentic(`the header ${HEADER.timestamp} is not a number of seconds`);
  if (!webhookId.startsWith(`${signingKey.keyId}:`)) throw unauthentic('it names another key than the one enrolled');
  const body = rawBody(request.body);
  if (!isSignedBy(signingKey.key, { webhookId, timestamp, callbackId, body }, headerOf(request, HEADER.signature))) {
    throw unauthentic('the signature does not fit the key, the id, the time, the callback and the body');
  }
  refuseSkew(timestamp, reply, clock);
  const webhookName = webhookId.slice(signingKey.keyId.length + 1);
  return { callbackId, taskId: signingKey.taskId, webhookId, webhookName, body };
}

function refuseSkew(timestamp: number, reply: FastifyReply, clock: Clock): void {
  const now = clock.now();
  const skewSeconds = timestamp - now.getTime() / 1000;
  if (Math.abs(skewSeconds) <= MAX_CLOCK_SKEW_SECONDS) return;
  reply.header('date', now.toUTCString());
  const direction = skewSeconds > 0 ? 'ahead of' : 'behind';
  throw new OperationalError('SIGNAL_CLOCK_SKEW', {
    happened: `The signature is ${Math.abs(Math.round(skewSeconds))} s ${direction} the server's clock, and ${MAX_CLOCK_SKEW_SECONDS} s are allowed`,
    remedy: 'Take the time from the Date header of this answer and sign again',
  });
}

function headerOf(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  if (typeof value !== 'string' || value === '') throw unauthentic(`the header ${name} is missing`);
  return value;
}

export function unauthentic(why: string): OperationalError {
  return new OperationalError('SIGNAL_UNAUTHENTIC', {
    happened: `The signal was not accepted: ${why}`,
    remedy: 'Send it from the container that it speaks for, with the key or the user that this container was given',
  });
}

export function callbackUnknown(): OperationalError {
  return new OperationalError('CALLBACK_UNKNOWN', {
    happened: 'No container that has enrolled has this callback id',
    remedy: 'Send signals to the SIGNAL_URL that the container was started with, after enrolment',
  });
}

export function attemptEnded(): OperationalError {
  return new OperationalError('ATTEMPT_ENDED', {
    happened: 'The container has sent its exit signal before, and nothing that it sends later is kept',
    remedy: 'Send the exit signal last',
  });
}

export function attemptFull(what: 'signals' | 'streams of output'): OperationalError {
  return new OperationalError('ATTEMPT_FULL', {
    happened: `The container has sent as many ${what} as are kept for one container`,
    remedy: 'Send fewer; the exit signal is still accepted',
  });
}
