import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ANY_QUERY, contract, EMPTY } from '../http/contract.ts';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { CLASS_ID, MAX_OUTPUT_SIGNAL_BYTES, Signal, type SignalKind } from '../../../shared/protocol/signals.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import { parseAgentBody, parseRequest, rawBody } from '../http/parse-request.ts';
import type { VerifiedSignal } from './agent-report-service.ts';
import { readBasicSignal, verifyBasic } from './basic-signal.ts';
import { isSigningKey } from './sender-keys.ts';
import { refuseTooLong, unknownClass } from './signal-refusals.ts';
import {
  attemptEnded,
  CallbackPath,
  claimedSender,
  SIGNATURE_HEADERS,
  attemptFull,
  callbackUnknown,
  findKeyFirst,
  verifySignature,
  type SignedRequestDeps,
} from './signed-request.ts';

// The column is an `integer` of PostgreSQL, and this is the largest one: far more signals than an agent sends in its
// life.
const MOST_SEQUENCE = 2_147_483_647;
const Sequence = z
  .string()
  .refine(
    (text) => /^[1-9][0-9]{0,9}$/.test(text) && Number(text) <= MOST_SEQUENCE,
    `the webhook id must be <key id>:<number from 1 to ${MOST_SEQUENCE}>`,
  );
const WithClassId = z.looseObject({ classId: z.string() });
const KINDS = new Map<string, SignalKind>(
  Object.entries(CLASS_ID).map(([kind, classId]) => [classId, kind as SignalKind]),
);

// A container without an agent has a user of HTTP Basic instead of a signature.
const SENDER_HEADERS = SIGNATURE_HEADERS.partial().extend({
  authorization: z
    .string()
    .optional()
    .describe('HTTP Basic, which a container without an agent sends instead of a signature.'),
});

const SIGNAL = contract({
  summary: 'Takes a signal of a container',
  params: CallbackPath,
  query: ANY_QUERY,
  headers: SENDER_HEADERS,
  body: Signal,
  answers: { 202: EMPTY },
});

export interface SignalRouteDeps extends SignedRequestDeps {
  readonly limits: Pick<RequestLimits, 'ofSignal'>;
}

/** The route only stores the signal. The task takes it at its next step, so the answer is 202 and not 200. */
export function signalRoutes(app: FastifyInstance, deps: SignalRouteDeps): void {
  const options = { ...SIGNAL, onRequest: findKeyFirst(deps), bodyLimit: MAX_OUTPUT_SIGNAL_BYTES };
  app.post('/v1/signal/:callback', options, async (request, reply) => {
    const received = readSignal(request, reply, deps);
    const outcome = await deps.agents.recordSignal(received);
    // The attempt can be pruned between the reading of its key and the commit.
    if (outcome === 'unknown') throw callbackUnknown();
    if (outcome === 'ended') throw attemptEnded();
    if (outcome === 'full') throw attemptFull('signals');
    if (outcome === 'conflict') {
      throw new OperationalError('SIGNAL_CONFLICT', {
        happened: `The signal ${received.webhookId} was received before with another body`,
        remedy: 'Number each signal once; a repetition must be the same bytes',
      });
    }
    return reply.code(202).send();
  });
}

/** Verifies the sender, by signature or by HTTP Basic as its container was set up, and parses the body only then. */
function readSignal(request: FastifyRequest, reply: FastifyReply, deps: SignalRouteDeps): VerifiedSignal {
  const { callbackId, senderKey } = claimedSender(request);
  if (!isSigningKey(senderKey)) {
    verifyBasic(request, senderKey);
    const received = readBasicSignal(rawBody(request.body), { callbackId, sender: senderKey, now: deps.clock.now() });
    deps.limits.ofSignal(callbackId, received.kind);
    return received;
  }
  const { body, webhookName, ...signed } = verifySignature(request, reply, deps.clock);
  const sequence = Number(parseRequest(Sequence, webhookName, 'header'));
  const { kind, signal } = parseSignal(body);
  deps.limits.ofSignal(signed.callbackId, kind);
  return { ...signed, sequence, kind, signal, bodySha256: sha256Hex(body) };
}

function parseSignal(body: Buffer): { kind: SignalKind; signal: Signal } {
  const { classId } = parseAgentBody(WithClassId, body);
  const kind = KINDS.get(classId);
  if (!kind) throw unknownClass(classId, [...KINDS.keys()]);
  refuseTooLong(kind, body);
  return { kind, signal: parseAgentBody(Signal, body) };
}
