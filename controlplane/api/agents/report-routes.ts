import type { FastifyInstance } from 'fastify';
import { ANY_QUERY, contract, EMPTY } from '../http/contract.ts';
import {
  ChunkReport,
  HeartbeatReport,
  MAX_CHUNK_BYTES,
  MAX_SIGNAL_BYTES,
  ChunkAnswer,
} from '../../../shared/protocol/signals.ts';
import { parseChunkReport } from './parse-chunk-report.ts';
import { freeMemory } from './free-memory.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import { parseAgentBody, RequestInvalidError } from '../http/parse-request.ts';
import {
  attemptEnded,
  CallbackPath,
  SIGNATURE_HEADERS,
  attemptFull,
  findKeyFirst,
  verifySignature,
  type SignedRequestDeps,
} from './signed-request.ts';

// Base64 makes 4 bytes of 3 (RFC 4648 section 4); 1 KiB more holds the other fields of the report.
const MAX_CHUNK_BODY_BYTES = Math.ceil(MAX_CHUNK_BYTES / 3) * 4 + 1_024;

const OF_AN_AGENT = { params: CallbackPath, query: ANY_QUERY, headers: SIGNATURE_HEADERS };
const CHUNKS = contract({
  ...OF_AN_AGENT,
  summary: 'Takes output of a process',
  body: ChunkReport,
  answers: { 202: ChunkAnswer },
});
const HEARTBEAT = contract({
  ...OF_AN_AGENT,
  summary: 'Takes the usage of a container',
  body: HeartbeatReport,
  answers: { 202: EMPTY },
});

export interface ReportRouteDeps extends SignedRequestDeps {
  readonly limits: Pick<RequestLimits, 'ofReport'>;
}

/** Reports neither wake nor change a task. They are signed like signals. */
export function reportRoutes(app: FastifyInstance, deps: ReportRouteDeps): void {
  const onRequest = findKeyFirst(deps);
  app.post(
    '/v1/signal/:callback/chunks',
    { ...CHUNKS, onRequest, bodyLimit: MAX_CHUNK_BODY_BYTES },
    async (request, reply) => {
      const { body, callbackId, taskId, webhookName } = verifySignature(request, reply, deps.clock);
      const chunks = parseChunkReport(body);
      const [{ processId, stream, offset }] = chunks;
      deps.limits.ofReport(callbackId, chunks.length);
      if (webhookName !== `${processId}:${stream}:${offset}`) {
        throw new RequestInvalidError('header', [
          { path: 'webhook-id', message: 'it must be <key id>:<process>:<stream>:<offset> of the body' },
        ]);
      }
      const outcome = await deps.agents.recordOutput({ callbackId, taskId, chunks }).finally(() => freeMemory(body));
      if (outcome === 'ended') throw attemptEnded();
      if (outcome === 'full') throw attemptFull('streams of output');
      return reply.code(202).send({ watched: outcome.watched, takesMore: true } satisfies ChunkAnswer);
    },
  );
  app.post(
    '/v1/signal/:callback/heartbeat',
    { ...HEARTBEAT, onRequest, bodyLimit: MAX_SIGNAL_BYTES },
    async (request, reply) => {
      const { body, callbackId, taskId } = verifySignature(request, reply, deps.clock);
      deps.limits.ofReport(callbackId);
      await deps.agents.recordHeartbeat({ callbackId, taskId, report: parseAgentBody(HeartbeatReport, body) });
      return reply.code(202).send();
    },
  );
}
