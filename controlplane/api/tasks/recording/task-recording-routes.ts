import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { contract } from '../../http/contract.ts';
import { z } from 'zod';
import type { TaskId } from '../../../../shared/model/ids.ts';
import { lossMark } from '../../../../shared/model/output-loss.ts';
import { wholeNumber } from '../../../../shared/model/whole-number.ts';
import { OperationalError } from '../../../../shared/model/error.ts';
import { hasRole, isStillAuthorised, principalOf } from '../../http/access.ts';
import type { Authenticator } from '../../http/authentication.ts';
import { parseRequest } from '../../http/parse-request.ts';
import { OUTPUT_HEADER, OutputPage, LogPage, TranscriptAnswer } from './task-recording-views.ts';
import { findVisibleTask, PathWithId } from '../own-task.ts';
import {
  outputView,
  type LogAudience,
  type RecordedOutput,
  type TaskRecordingService,
} from './task-recording-service.ts';
import type { TaskService } from '../task-service.ts';
import { Timestamp } from '../../../../shared/model/timestamp.ts';

// Programs read pages until one is short. Most tasks fit into one page.
const Page = z.strictObject({
  after: wholeNumber(0).prefault(0).describe('What comes after this number: that of the last one of the page before.'),
  limit: wholeNumber(1, 1_000).prefault(1_000).describe('Entries of the page. A page with fewer is the last one.'),
});
const Flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const MOST_PIECES = 500;
const OutputQuery = z
  .strictObject({
    stream: z
      .enum(['stdout', 'stderr', 'all'])
      .default('stdout')
      .describe('`all`: both, in the order in which they were written, as JSON with the time and place of each piece.'),
    offset: wholeNumber(0).prefault(0).describe('For one stream: the offset of the first byte.'),
    after: wholeNumber(0).optional().describe('With `all`: the pieces after this one.'),
    before: wholeNumber(1)
      .optional()
      .describe('With `all`: the last pieces before this one, for readers that go backwards.'),
    since: Timestamp.optional().describe('With `all`: the pieces that arrived at this time or later.'),
    limit: wholeNumber(1, MOST_PIECES)
      .optional()
      .describe('With `all`: the number of pieces; 500 by default, and at most.'),
    download: Flag.prefault('false').describe('Everything that is kept, as one file.'),
  })
  .refine(({ stream, offset }) => stream !== 'all' || offset === 0, {
    path: ['offset'],
    error: 'only for one stream: with stream=all the next page begins at after',
  })
  .superRefine(({ stream, download, offset, ...page }, context) => {
    // Parameters that would be ignored are refused: the answer would not be the part that was asked for.
    if (stream === 'all' && !download) return;
    const unread = download ? { ...page, ...(offset > 0 && { offset }) } : page;
    const error = download ? 'not with download=true, which is everything that is kept' : 'only with stream=all';
    for (const [name, value] of Object.entries(unread)) {
      if (value !== undefined) context.addIssue({ code: 'custom', path: [name], message: error });
    }
  });
/** The size of the agent's largest chunk. Four of them would be too much memory for many readers. */
const MAX_OUTPUT_ANSWER_BYTES = 1024 * 1024;
// A piece has at most half a MiB, so this many are no burden.
const PIECES_AT_ONCE = 32;

const OUTPUT = {
  media: 'application/octet-stream',
  description: 'A stretch of one stream, or pieces of both, or everything as a file',
  others: ['text/plain'],
  json: OutputPage,
  headers: {
    [OUTPUT_HEADER.nextOffset]: {
      number: 'Of a stretch of one stream: the offset of the next one; it counts no marks',
    },
    [OUTPUT_HEADER.omittedBytes]: { number: 'Of a stretch of one stream: how many of its bytes are missing' },
    'content-disposition': 'Of everything as a file: its name',
  },
};

/** Notes for operators can name machines and addresses, so others read only the notes written for users. */
export function audienceOf(request: FastifyRequest): LogAudience {
  return hasRole(principalOf(request), 'operator') ? 'all' : 'user-readable';
}

export interface RecordingRouteServices {
  readonly tasks: TaskService;
  readonly recordings: TaskRecordingService;
  readonly authenticator: Authenticator;
}

export function recordingRoutes(
  app: FastifyInstance,
  { tasks, recordings, authenticator }: RecordingRouteServices,
): void {
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
      if (download) {
        const isAllowed = (): Promise<boolean> => isStillAuthorised(request, authenticator);
        return sendWholeLog(reply, readWholeLog(recordings, { id, stream, isAllowed }), id);
      }
      if (stream === 'all') {
        const { after = 0, limit = MOST_PIECES } = from;
        return reply.send(await readPieces(recordings, id, { ...from, after, limit }));
      }
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

interface PiecePage {
  readonly after: number;
  readonly before?: number | undefined;
  readonly since?: string | undefined;
  readonly limit: number;
}

async function readPieces(recordings: TaskRecordingService, id: TaskId, page: PiecePage): Promise<OutputPage> {
  const { after, before, limit } = page;
  const since = page.since === undefined ? undefined : new Date(page.since);
  const pieces: RecordedOutput[] = [];
  for (let bytes = 0; pieces.length < limit && bytes < MAX_OUTPUT_ANSWER_BYTES;) {
    const count = Math.min(PIECES_AT_ONCE, limit - pieces.length);
    const maxBytes = MAX_OUTPUT_ANSWER_BYTES - bytes;
    const range =
      before === undefined
        ? { after: pieces.at(-1)?.id ?? after, since, limit: count, maxBytes }
        : { after, before: pieces[0]?.id ?? before, since, limit: count, maxBytes };
    const { pieces: more, isFull } = await recordings.readOutputPieces(id, range);
    if (before === undefined) pieces.push(...more);
    else pieces.unshift(...more);
    bytes += more.reduce((sum, { length }) => sum + length, 0);
    if (!isFull) break;
  }
  return {
    pieces: pieces.map(outputView),
    next: pieces.at(-1)?.id ?? after,
  };
}

interface WholeLog {
  readonly id: TaskId;
  readonly stream: 'stdout' | 'stderr' | 'all';
  /** Returns whether the reader may still read it. */
  readonly isAllowed: () => Promise<boolean>;
}

/**
 * Reads page by page, so that a log of any length takes the memory of a page. A slow reader may take hours: its token is
 * checked before each page, and the connection breaks off when it was revoked, so that what came does not pass for the whole.
 */
async function* readWholeLog(
  recordings: TaskRecordingService,
  { id, stream, isAllowed }: WholeLog,
): AsyncGenerator<Buffer> {
  for (let after = 0; ;) {
    if (after > 0 && !(await isAllowed())) throw revokedMeanwhile(id);
    const { pieces, isFull } = await recordings.readOutputPieces(id, { after, limit: PIECES_AT_ONCE });
    for (const piece of pieces) {
      if (stream !== 'all' && piece.stream !== stream) continue;
      if (piece.omittedBefore > 0) yield Buffer.from(lossMark(piece.omittedBefore, piece.stream));
      for (const text of piece.data) yield Buffer.from(text, 'base64');
    }
    if (!isFull) return;
    after = pieces.at(-1)?.id ?? after;
  }
}

function revokedMeanwhile(id: TaskId): OperationalError {
  return new OperationalError('UNAUTHORIZED', {
    happened: `The token was revoked while the log of task ${id} was sent`,
    remedy: 'Use a token that this server gave out',
  });
}

function sendWholeLog(reply: FastifyReply, log: AsyncGenerator<Buffer>, id: TaskId): FastifyReply {
  return reply
    .type('text/plain; charset=utf-8')
    .header('content-disposition', `attachment; filename="task-${id}.log"`)
    .send(Readable.from(log, { objectMode: false }));
}
