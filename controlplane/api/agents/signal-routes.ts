import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';
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
  attemptFull,
  callbackUnknown,
  findKeyFirst,
  verifySignature,
  type SignedRequestGuard,
  type SigningKeyWorld,
} from './signed-request.ts';

/** A signal whose signature was good and whose body was parsed. */
export interface ReceivedSignal {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly webhookId: string;
  /** Position in the order in which the agent first sent its signals, from 1. */
  readonly sequence: number;
  readonly kind: SignalKind;
  readonly signal: Signal;
  /** Hex; tells "same id, same body" from "same id, other body". */
  readonly bodySha256: string;
}

export interface SignalWorld extends SigningKeyWorld {
  /**
   * Resolves after the commit. `conflict`: this webhook id was seen with another body; `ended`: the container has said its
   * exit; `full`: no more is kept of it.
   */
  readonly recordSignal: (
    signal: ReceivedSignal,
  ) => Promise<'recorded' | 'repeated' | 'conflict' | 'ended' | 'full' | 'unknown'>;
}

// The largest `integer` of PostgreSQL, which the column is: far above what an agent sends in its life.
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

export interface SignalGuard extends SignedRequestGuard {
  readonly limits: Pick<RequestLimits, 'ofSignal'>;
}

/** A signal is only written down here; the task meets it at its next step, so 202 and not 200. */
export function signalRoutes(app: FastifyInstance, world: SignalWorld & SignalGuard): void {
  const options = { onRequest: findKeyFirst(world), bodyLimit: MAX_OUTPUT_SIGNAL_BYTES };
  app.post('/v1/signal/:callback', options, async (request, reply) => {
    const { body, webhookName, ...signed } = verifySignature(request, reply, world.clock);
    const sequence = Number(parseRequest(Sequence, webhookName, 'header'));
    const { kind, signal } = parseSignal(body);
    world.limits.ofSignal(signed.callbackId, kind);
    const outcome = await world.recordSignal({ ...signed, sequence, kind, signal, bodySha256: sha256Hex(body) });
    // The attempt can be pruned between the look at its key and the commit.
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
  // Only the output signal carries what a process wrote; the route's limit is made for it.
  if (kind !== 'output' && body.length > MAX_SIGNAL_BYTES) {
    throw new OperationalError('REQUEST_TOO_LARGE', {
      happened: `The ${kind} signal has ${body.length} bytes, and ${MAX_SIGNAL_BYTES} are allowed`,
      remedy: 'Shorten it; only the output signal may be longer',
    });
  }
  return { kind, signal: parseAgentBody(Signal, body) };
}
