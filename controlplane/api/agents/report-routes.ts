import type { FastifyInstance } from 'fastify';
import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';
import {
  ChunkReport,
  HeartbeatReport,
  MAX_CHUNK_BYTES,
  MAX_SIGNAL_BYTES,
  type ChunkAnswer,
  type StreamName,
} from '../../../shared/protocol/signals.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import { parseAgentBody, RequestInvalidError } from '../http/parse-request.ts';
import {
  attemptEnded,
  attemptFull,
  findKeyFirst,
  verifySignature,
  type SignedRequestGuard,
  type SigningKeyWorld,
} from './signed-request.ts';

export interface ReceivedChunk {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly data: Buffer;
}

export interface ReceivedHeartbeat {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly report: HeartbeatReport;
}

export interface ReportWorld extends SigningKeyWorld {
  /**
   * A chunk that is already there (same process, stream and offset) is not an error. `watched`: somebody looks on;
   * `ended`: the container has said its exit; `full`: it has too many streams.
   */
  readonly recordChunk: (chunk: ReceivedChunk) => Promise<{ readonly watched: boolean } | 'ended' | 'full'>;
  readonly recordHeartbeat: (heartbeat: ReceivedHeartbeat) => Promise<void>;
}

// Base64 makes 4 bytes of 3 (RFC 4648 section 4); 1 KiB more holds the other fields of the report.
const MAX_CHUNK_BODY_BYTES = Math.ceil(MAX_CHUNK_BYTES / 3) * 4 + 1_024;

export interface ReportGuard extends SignedRequestGuard {
  readonly limits: Pick<RequestLimits, 'ofReport'>;
}

/** Reports wake nobody and touch no task; they are signed like signals. */
export function reportRoutes(app: FastifyInstance, world: ReportWorld & ReportGuard): void {
  const onRequest = findKeyFirst(world);
  app.post('/v1/signal/:callback/chunks', { onRequest, bodyLimit: MAX_CHUNK_BODY_BYTES }, async (request, reply) => {
    const { body, callbackId, taskId, webhookName } = verifySignature(request, reply, world.clock);
    world.limits.ofReport(callbackId);
    const { processId, stream, offset, data } = parseAgentBody(ChunkReport, body);
    if (webhookName !== `${processId}:${stream}:${offset}`) {
      throw new RequestInvalidError('header', [
        { path: 'webhook-id', message: 'it must be <key id>:<process>:<stream>:<offset> of the body' },
      ]);
    }
    const chunk = { callbackId, taskId, processId, stream, offset, data: Buffer.from(data, 'base64') };
    const outcome = await world.recordChunk(chunk);
    if (outcome === 'ended') throw attemptEnded();
    if (outcome === 'full') throw attemptFull('streams of output');
    return reply.code(202).send({ watched: outcome.watched } satisfies ChunkAnswer);
  });
  app.post('/v1/signal/:callback/heartbeat', { onRequest, bodyLimit: MAX_SIGNAL_BYTES }, async (request, reply) => {
    const { body, callbackId, taskId } = verifySignature(request, reply, world.clock);
    world.limits.ofReport(callbackId);
    await world.recordHeartbeat({ callbackId, taskId, report: parseAgentBody(HeartbeatReport, body) });
    return reply.code(202).send();
  });
}
