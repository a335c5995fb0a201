import type { CliContext } from '../cli-context.ts';
import type { TaskEvent } from '../client/watch-event.ts';
import { outputViewOf, type WrittenPiece } from '../output/written-piece.ts';
import { OutputWriter } from '../output/output-writer.ts';
import { oneLine } from '../output/text.ts';
import type { LogsRequest } from './logs-request.ts';
import { findLastLines, readPieces } from './read-pieces.ts';
import { LineCount, selectPieces, skipLines, type PieceFilter } from './select-pieces.ts';

/** Prints what is stored of a task's output. */
export async function printOutput(request: LogsRequest, context: CliContext): Promise<void> {
  const writer = new OutputWriter(context.out, request.form);
  let isEmpty = true;
  for await (const piece of selectedPieces(request)) {
    isEmpty = false;
    if (request.format === 'json') writeEvent(context, { kind: 'output', output: outputViewOf(piece) });
    else writer.write(piece);
    await context.out.drained();
  }
  writer.end();
  await printMissing(request, { isEmpty }, context);
}

export function writeEvent(context: CliContext, event: TaskEvent): void {
  context.out.write(`${JSON.stringify(event)}\n`);
}

/** The beginning of the printed output. */
export interface Start {
  readonly after: number;
  /** Number of lines to skip after that piece. */
  readonly skip: number;
}

/** Finds the beginning of the last `tail` lines, without keeping lines in memory. */
export async function findFirstLine({ client, task, filter, tail }: LogsRequest): Promise<Start> {
  if (tail === null) return { after: await findFirst(client, task.id, filter), skip: 0 };
  if (!filter.step) return findLastLines(client, task.id, { ...filter, lines: tail });
  // The beginning of a step is known only after reading from the start of the output, so its lines are counted first.
  const count = new LineCount();
  const selection = selectPieces(filter);
  for await (const piece of readPieces(client, task.id, { after: 0, since: null })) {
    for (const wanted of selection.take(piece)) count.add(wanted);
  }
  for (const wanted of selection.end()) count.add(wanted);
  return { after: 0, skip: Math.max(0, count.lines - tail) };
}

/** Returns the id after which all pieces arrived at the given time or later. */
async function findFirst(client: LogsRequest['client'], id: number, { since, step }: PieceFilter): Promise<number> {
  if (since === null || step) return 0;
  const [first] = (await client.readPieces(id, { since, limit: 1 })).pieces;
  if (first) return first.id - 1;
  const last = await client.readPieces(id, { before: Number.MAX_SAFE_INTEGER, limit: 1 });
  return last.next;
}

async function* selectedPieces(request: LogsRequest): AsyncGenerator<WrittenPiece> {
  const { client, task, filter } = request;
  const { after, skip } = await findFirstLine(request);
  const selection = selectPieces(filter);
  const behind = skipLines(skip);
  // The header of a step may be older than `since`, so everything is read.
  const since = filter.step ? null : filter.since;
  for await (const piece of readPieces(client, task.id, { after, since })) {
    for (const wanted of selection.take(piece)) yield* behind(wanted);
  }
  for (const wanted of selection.end()) yield* behind(wanted);
}

async function printMissing(
  { client, task, filter, tail }: LogsRequest,
  { isEmpty }: { readonly isEmpty: boolean },
  context: CliContext,
): Promise<void> {
  const isWhole = filter.step === null && filter.since === null && tail === null && filter.stream === 'all';
  if (isEmpty) context.err.write(`${emptyText(task.id, isWhole, task)}\n`);
  if (!isWhole) return;
  // The task is read last, because more output may have been lost while it was printed.
  const { usage } = await client.findTask(task.id);
  const lost = usage?.outputOmittedBytes ?? 0;
  const of = usage?.outputBytes ? ` of ${usage.outputBytes}` : '';
  if (lost > 0) context.err.write(`${lost}${of} bytes of the output were not kept.\n`);
}

function emptyText(id: number, isWhole: boolean, { status, why }: LogsRequest['task']): string {
  if (!isWhole) return `Task ${id} has written nothing that matches.`;
  if (status !== 'COMPLETE') return `Task ${id} has written nothing yet: ${oneLine(why)}`;
  return `Task ${id} wrote nothing: ${oneLine(why)}`;
}
