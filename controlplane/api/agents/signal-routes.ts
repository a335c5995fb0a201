import type { FastifyInstance } from 'fastify';
import { ANY_QUERY, contract, EMPTY } from '../http/contract.ts';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import {
  CLASS_ID,
  MAX_OUTPUT_SIGNAL_BYTES,
  MAX_SIGNAL_BYTES,
  Signal,
  type SignalKind,
} from '../../../shared/protocol/signals.ts';
import { sha256Hex } from '../../../shared/support/signing.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import { parseAgentBody, parseRequest } from '../http/parse-request.ts';
import {
  attemptEnded,
  CallbackPath,
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

const SIGNAL = contract({
  summary: 'Takes a signal of an agent',
  params: CallbackPath,
  query: ANY_QUERY,
  headers: SIGNATURE_HEADERS,
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
    const { body, webhookName, ...signed } = verifySignature(request, reply, deps.clock);
    const sequence = Number(parseRequest(Sequence, webhookName, 'header'));
    const { kind, signal } = parseSignal(body);
    deps.limits.ofSignal(signed.callbackId, kind);
    const outcome = await deps.agents.recordSignal({ ...signed, sequence, kind, signal, bodySha256: sha256Hex(body) });
    // The attempt can be pruned between the reading of its key and the commit.
    if (outcome === 'unknown') throw callbackUnknown();
    if (outcome === 'ended') throw attemptEnded();
    if (outcome === 'full') throw attemptFull('signals');
    if (outcome === 'conflict') {
      throw new OperationalError('SIGNAL_CONFLICT', {
        happened: `The signal ${signed.webhookId} was received before with another body`,
        remedy: 'Number each signal once; a repetition must be the same bytes',
      });
    }
    return reply.code(202).send();
  });
}

function parseSignal(body: Buffer): { kind: SignalKind; signal: Signal } {
  const { classId } = parseAgentBody(WithClassId, body);
  const kind = KINDS.get(classId);
  if (!kind) {
    throw new OperationalError('SIGNAL_UNKNOWN_CLASS', {
      happened: `No signal has the class id "${classId.slice(0, 100)}"`,
      remedy: `Send one of ${[...KINDS.keys()].join(', ')}`,
    });
  }
  // Only the output signal carries the output of a process, and the limit of the route is made for it.
  if (kind !== 'output' && body.length > MAX_SIGNAL_BYTES) {
    throw new OperationalError('REQUEST_TOO_LARGE', {
      happened: `The ${kind} signal has ${body.length} bytes, and ${MAX_SIGNAL_BYTES} are allowed`,
      remedy: 'Shorten it; only the output signal may be longer',
    });
  }
  return { kind, signal: parseAgentBody(Signal, body) };
}
