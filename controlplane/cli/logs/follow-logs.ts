import type { CliContext } from '../cli-context.ts';
import { followTask } from '../client/follow-task.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { pieceOf, outputViewOf } from '../output/written-piece.ts';
import { OutputWriter } from '../output/output-writer.ts';
import { endSentence } from '../output/task-end-sentence.ts';
import { paintFor } from '../output/text.ts';
import { watchTask } from '../output/watch-task.ts';
import type { LogsRequest } from './logs-request.ts';
import { findFirstLine, writeEvent } from './print-output.ts';
import { createRepeatFilter, isSince, writeState } from './print-states.ts';
import { selectPieces, skipLines, type PieceSelection } from './select-pieces.ts';

/**
 * Prints the output from its beginning, or from where it was asked for, to the end of the task. A terminal shows beside it
 * what the task does; a pipe gets the output and nothing else.
 */
export async function followOutput(request: LogsRequest, context: CliContext): Promise<void> {
  const { client, task, form, format } = request;
  const abort = context.onInterrupt();
  const { after, skip } = await findFirstLine(request);
  const selection = withoutFirst(selectPieces(request.filter), skip);
  if (format === 'json' || !context.out.isTerminal) await followPieces(request, { selection, after, abort }, context);
  else {
    const paint = paintFor(context.out, context.environment);
    const options = { clock: context.clock, paint, form, selection, outputAfter: after };
    await watchTask(client, task.id, context.out, { ...options, abort, states: 'folded' });
  }
  printInterruption(abort, task.id, context);
}

/** Prints states and log lines as they come. */
export async function followStates(request: LogsRequest, context: CliContext): Promise<void> {
  const abort = context.onInterrupt();
  const { client, task, filter, format } = request;
  const isNew = createRepeatFilter([], format);
  for await (const event of followTask(client, task.id, { clock: context.clock, abort })) {
    if (event.kind === 'end') printEnd(request, event.task, context);
    if (event.kind !== 'state' && event.kind !== 'log') continue;
    if (isNew(event) && isSince(event, filter.since)) writeState(event, request, context);
    await context.out.drained(abort);
  }
  printInterruption(abort, task.id, context);
}

interface PieceStream {
  readonly selection: PieceSelection;
  readonly after: number;
  readonly abort: AbortSignal;
}

async function followPieces(
  request: LogsRequest,
  { selection, after, abort }: PieceStream,
  context: CliContext,
): Promise<void> {
  const { client, task, form, format } = request;
  const writer = new OutputWriter(context.out, form);
  const write = (pieces: ReturnType<PieceSelection['end']>): void => {
    for (const piece of pieces) {
      if (format === 'json') writeEvent(context, { kind: 'output', output: outputViewOf(piece) });
      else writer.write(piece);
    }
  };
  for await (const event of followTask(client, task.id, { clock: context.clock, abort, outputAfter: after })) {
    if (event.kind === 'output') write(selection.take(pieceOf(event.output)));
    await context.out.drained(abort);
    if (event.kind !== 'end') continue;
    write(selection.end());
    writer.end();
    printEnd(request, event.task, context);
  }
}

/** Prints the last event for programs, and the sentence about the end for people. */
function printEnd({ format }: LogsRequest, task: LogsRequest['task'], context: CliContext): void {
  if (format === 'json') writeEvent(context, { kind: 'end', task });
  else if (context.err.isTerminal) context.err.write(`${endSentence(task)}\n`);
}

function printInterruption(abort: AbortSignal, id: number, context: CliContext): void {
  if (!abort.aborted) return;
  context.err.write(`\nStopped following; task ${id} goes on unless it has ended.\n`);
  context.setExitCode(EXIT_CODE.INTERRUPTED);
}

function withoutFirst(selection: PieceSelection, lines: number): PieceSelection {
  const behind = skipLines(lines);
  return {
    take: (piece) => selection.take(piece).flatMap(behind),
    end: () => selection.end().flatMap(behind),
  };
}
