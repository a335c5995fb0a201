import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import type { TaskId } from '../../../shared/model/ids.ts';
import { lossMark } from '../../../shared/model/output-loss.ts';
import { hasRole, principalOf } from '../http/access.ts';
import { parseRequest } from '../http/parse-request.ts';
import { OUTPUT_HEADER, OutputPage, LogPage, TranscriptAnswer } from './task-views.ts';
import { findVisibleTask, PathWithId } from './own-task.ts';
import type { LogAudience, RecordedOutput, TaskRecordingService } from './task-recording-service.ts';
import type { TaskService } from './task-service.ts';

// Programs read pages until one is short. Most tasks fit into one page.
const Page = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
});
const Flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const OutputQuery = z
  .strictObject({
    /** `all`: both, in the order in which they were written, as JSON with the time and place of each piece. */
    stream: z.enum(['stdout', 'stderr', 'all']).default('stdout'),
    /** Of the bytes of one stream. */
    offset: z.coerce.number().int().min(0).default(0),
    /** With `all`: the pieces after this one. */
    after: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(500).default(500),
    /** Everything that is kept, as one file. */
    download: Flag.default(false),
  })
  .refine(({ stream, offset }) => stream !== 'all' || offset === 0, {
    path: ['offset'],
    error: 'only for one stream: with stream=all the next page begins at after',
  });
/** The size of the agent's largest chunk. Four of them would be too much memory for many readers. */
const MAX_OUTPUT_ANSWER_BYTES = 1024 * 1024;
// A piece has at most half a MiB, so this many are no burden.
const PIECES_AT_ONCE = 32;

const OUTPUT = {
  media: 'application/octet-stream',
  description: 'A stretch of one stream, or pieces of both; a download is text/plain',
  json: OutputPage,
};

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
      answers: { 200: OUTPUT },
    }),
    async (request, reply) => {
      const { id } = await findVisibleTask(tasks, request);
      const { stream, download, ...from } = parseRequest(OutputQuery, request.query, 'query');
      if (download) return sendWholeLog(reply, readWholeLog(recordings, id, stream), id);
      if (stream === 'all') return reply.send(await readPieces(recordings, id, from));
      const { offset } = from;
      const stretch = await recordings.readOutput(id, { stream, offset, maxBytes: MAX_OUTPUT_ANSWER_BYTES });
      return reply
        .type('application/octet-stream')
        .header(OUTPUT_HEADER.nextOffset, stretch.nextOffset)
        .header(OUTPUT_HEADER.omittedBytes, stretch.omittedBytes)
        .send(stretch.data);
    },
  );
}

async function readPieces(
  recordings: TaskRecordingService,
  id: TaskId,
  page: { readonly after: number; readonly limit: number },
): Promise<OutputPage> {
  const pieces: RecordedOutput[] = [];
  let bytes = 0;
  while (pieces.length < page.limit && bytes < MAX_OUTPUT_ANSWER_BYTES) {
    const limit = Math.min(PIECES_AT_ONCE, page.limit - pieces.length);
    const more = await recordings.readOutputPieces(id, { after: pieces.at(-1)?.id ?? page.after, limit });
    pieces.push(...more);
    bytes += more.reduce((sum, { data }) => sum + data.length, 0);
    if (more.length < limit) break;
  }
  return {
    pieces: pieces.map((piece) => ({ ...piece, data: piece.data.toString('base64') })),
    next: pieces.at(-1)?.id ?? page.after,
  };
}

/** Reads page by page, so that a log of any length takes the memory of a page. */
async function* readWholeLog(
  recordings: TaskRecordingService,
  id: TaskId,
  stream: 'stdout' | 'stderr' | 'all',
): AsyncGenerator<Buffer> {
  for (let after = 0; ;) {
    const pieces = await recordings.readOutputPieces(id, { after, limit: PIECES_AT_ONCE });
    for (const piece of pieces) {
      if (stream !== 'all' && piece.stream !== stream) continue;
      if (piece.omittedBefore > 0) yield Buffer.from(lossMark(piece.omittedBefore, piece.stream));
      yield piece.data;
    }
    if (pieces.length < PIECES_AT_ONCE) return;
    after = pieces.at(-1)?.id ?? after;
  }
}

function sendWholeLog(reply: FastifyReply, log: AsyncGenerator<Buffer>, id: TaskId): FastifyReply {
  return reply
    .type('text/plain; charset=utf-8')
    .header('content-disposition', `attachment; filename="task-${id}.log"`)
    .header('x-content-type-options', 'nosniff') // a browser must not take markup in a log for a page
    .send(Readable.from(log, { objectMode: false }));
}
