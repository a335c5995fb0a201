import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { hasRole, principalOf } from '../http/access.ts';
import { parseRequest } from '../http/parse-request.ts';
import { OUTPUT_HEADER, LogPage, TranscriptAnswer } from './task-views.ts';
import { findVisibleTask, PathWithId } from './own-task.ts';
import type { LogAudience, TaskRecordingService } from './task-recording-service.ts';
import type { TaskService } from './task-service.ts';

// Programs read pages until one is short. Most tasks fit into one page.
const Page = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
});
const OutputQuery = z.strictObject({
  stream: z.enum(['stdout', 'stderr']).default('stdout'),
  offset: z.coerce.number().int().min(0).default(0),
});
/** The size of the agent's largest chunk. Four of them would be too much memory for many readers. */
const MAX_OUTPUT_ANSWER_BYTES = 1024 * 1024;

/** Notes for operators can name machines and addresses, so others read only the notes written for users. */
export function audienceOf(request: FastifyRequest): LogAudience {
  return hasRole(principalOf(request), 'operator') ? 'all' : 'user-readable';
}

export interface RecordingRouteServices {
  readonly tasks: TaskService;
  readonly recordings: TaskRecordingService;
}

export function recordingRoutes(app: FastifyInstance, { tasks, recordings }: RecordingRouteServices): void {
  app.get(
    '/v1/tasks/:id/transcript',
    contract({ summary: 'The steps of a task', params: PathWithId, query: Page, answers: { 200: TranscriptAnswer } }),
    async (request): Promise<TranscriptAnswer> => {
      const { id } = await findVisibleTask(tasks, request);
      return { steps: [...(await recordings.readSteps(id, parseRequest(Page, request.query, 'query')))] };
    },
  );
  app.get(
    '/v1/tasks/:id/logs',
    contract({ summary: 'The log of a task', params: PathWithId, query: Page, answers: { 200: LogPage } }),
    async (request): Promise<LogPage> => {
      const { id } = await findVisibleTask(tasks, request);
      const page = parseRequest(Page, request.query, 'query');
      return { logs: [...(await recordings.readLogs(id, { ...page, only: audienceOf(request) }))] };
    },
  );
  app.get(
    '/v1/tasks/:id/output',
    contract({
      summary: 'What its processes wrote',
      params: PathWithId,
      query: OutputQuery,
      answers: { 200: { media: 'application/octet-stream', description: 'A stretch of one stream' } },
    }),
    async (request, reply) => {
      const { id } = await findVisibleTask(tasks, request);
      const query = parseRequest(OutputQuery, request.query, 'query');
      const stretch = await recordings.readOutput(id, { ...query, maxBytes: MAX_OUTPUT_ANSWER_BYTES });
      return reply
        .type('application/octet-stream')
        .header(OUTPUT_HEADER.nextOffset, stretch.nextOffset)
        .header(OUTPUT_HEADER.omittedBytes, stretch.omittedBytes)
        .send(stretch.data);
    },
  );
}
