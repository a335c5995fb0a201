import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import { principalOf } from '../http/access.ts';
import { parseRequest } from '../http/parse-request.ts';
import { OUTPUT_HEADER, type LogPage, type LogView, type StepView, type TranscriptAnswer } from './task-views.ts';
import { findOwnTask, seesEveryTask, type TaskReadWorld } from './own-task.ts';

export interface ReadAfter {
  /** Only what has a greater number (steps) or id (logs, output); 0 for everything. */
  readonly after: number;
  readonly limit: number;
}

/** One stored chunk: an OutputView before its bytes become base64. */
export interface OutputPiece {
  readonly id: number;
  readonly at: string;
  readonly attempt: number;
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly data: Buffer;
  /** Bytes of its stream just before it that are not stored. */
  readonly omittedBefore: number;
}

/** A stretch of one stream of the task, its processes and attempts one after the other. */
export interface OutputStretch {
  /** With a mark in each place where bytes are missing; the marks do not count in offsets. */
  readonly data: Buffer;
  /** Where the next read goes on. */
  readonly nextOffset: number;
  /** Bytes that were never stored; exact. */
  readonly omittedBytes: number;
}

export type LogAudience = 'user-readable' | 'all';

export interface TaskRecordingWorld {
  /** Oldest first. */
  readonly readSteps: (id: TaskId, from: ReadAfter) => Promise<readonly StepView[]>;
  readonly readLogs: (id: TaskId, from: ReadAfter & { readonly only: LogAudience }) => Promise<readonly LogView[]>;
  /** Both streams in the order in which they came. */
  readonly readOutputPieces: (id: TaskId, from: ReadAfter) => Promise<readonly OutputPiece[]>;
  readonly readOutput: (
    id: TaskId,
    from: { readonly stream: StreamName; readonly offset: number; readonly maxBytes: number },
  ) => Promise<OutputStretch>;
}

// Pages are read by programs, which go on until one comes short: large enough that most tasks fit in one.
const Page = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
});
const OutputQuery = z.strictObject({
  stream: z.enum(['stdout', 'stderr']).default('stdout'),
  offset: z.coerce.number().int().min(0).default(0),
});
/** One answer; four of the agent's largest chunks would be too much to hold for many readers, one is enough. */
const MAX_OUTPUT_ANSWER_BYTES = 1024 * 1024;

/** Notes for operators can name machines and addresses: others read what was written for them. */
export function audienceOf(request: FastifyRequest): LogAudience {
  return seesEveryTask(principalOf(request)) ? 'all' : 'user-readable';
}

export function recordingRoutes(app: FastifyInstance, world: TaskRecordingWorld & TaskReadWorld): void {
  app.get('/v1/tasks/:id/transcript', async (request): Promise<TranscriptAnswer> => {
    const { id } = await findOwnTask(world, request);
    return { steps: [...(await world.readSteps(id, parseRequest(Page, request.query, 'query')))] };
  });
  app.get('/v1/tasks/:id/logs', async (request): Promise<LogPage> => {
    const { id } = await findOwnTask(world, request);
    const page = parseRequest(Page, request.query, 'query');
    return { logs: [...(await world.readLogs(id, { ...page, only: audienceOf(request) }))] };
  });
  app.get('/v1/tasks/:id/output', async (request, reply) => {
    const { id } = await findOwnTask(world, request);
    const query = parseRequest(OutputQuery, request.query, 'query');
    const stretch = await world.readOutput(id, { ...query, maxBytes: MAX_OUTPUT_ANSWER_BYTES });
    return reply
      .type('application/octet-stream')
      .header(OUTPUT_HEADER.nextOffset, stretch.nextOffset)
      .header(OUTPUT_HEADER.omittedBytes, stretch.omittedBytes)
      .send(stretch.data);
  });
}
