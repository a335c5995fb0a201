import { isUserCause, StopCause } from '../../shared/model/stop-cause.ts';
import type { ExitStatus } from '../../shared/model/status.ts';
import type { OutputSignal, StreamEnds } from '../../shared/protocol/signals.ts';
import type { LivenessView, WipContext } from './context.ts';

// Length of the excerpt in a log entry, in characters (ours). The whole stream is in the stored output.
const MAX_LOGGED_CHARACTERS = 16 * 1024;

export interface EndOfContainer {
  readonly status: ExitStatus;
  readonly message: string;
  readonly detail: string;
  readonly cause: string;
}

/** Sets the exit of a task whose container was terminated, and logs the last output for the user. */
export async function tellEndOfContainer(context: WipContext): Promise<void> {
  const output = context.attempt?.output ?? null;
  const end = decideEndOfContainer(output, await context.liveness());
  context.exit(end.status, end.message, { detail: end.detail, cause: end.cause });
  for (const name of ['stdout', 'stderr'] as const) {
    const text = endOfStream(name, output?.[name]);
    if (text) context.log('INFO', text, { userReadable: true });
  }
  for (const { id, signal } of context.inbox.all()) if (signal.classId === output?.classId) context.inbox.consume(id);
}

/** Returns the exit of a task whose container was terminated: the agent's own words if there are any. */
export function decideEndOfContainer(output: OutputSignal | null, view: LivenessView): EndOfContainer {
  if (!output) {
    // If no process ran when the agent stopped, there is no output signal; the exit signal tells why all the same.
    const cause = StopCause.safeParse(view.cause);
    const isUsers = cause.success && isUserCause(cause.data);
    return {
      status: isUsers ? 'ERROR_USER' : 'ERROR_SYSTEM',
      message: isUsers ? view.sentence : 'The container terminated unexpectedly.',
      detail: view.evidence ? `${view.sentence}\n(${view.evidence})` : view.sentence,
      cause: view.cause ?? 'container-terminated',
    };
  }
  const isUsers = output.cause !== undefined && isUserCause(output.cause);
  return {
    status: isUsers ? 'ERROR_USER' : 'ERROR_SYSTEM',
    message: output.exitLog,
    detail: output.log,
    cause: output.cause ?? 'container-terminated',
  };
}

/** Returns the end of a stream as text, with the size of what precedes it; null when nothing was written. */
export function endOfStream(name: string, stream: StreamEnds | undefined): string | null {
  if (!stream || stream.bytes === 0) return null;
  const bytes = Buffer.concat([Buffer.from(stream.head, 'base64'), Buffer.from(stream.tail, 'base64')]);
  const text = bytes.toString('utf8').replaceAll('\0', '\u{FFFD}');
  const shown = text.slice(-MAX_LOGGED_CHARACTERS);
  const isCut = stream.omitted > 0 || shown.length < text.length;
  return `${name} when the container was terminated (${isCut ? `the end of ${stream.bytes} bytes` : `${stream.bytes} bytes`}):\n${shown}`;
}
