import type { Fault } from '../../shared/model/fault.ts';
import type { ExitStatus } from '../../shared/model/status.ts';
import type { StreamEnds } from '../../shared/protocol/signals.ts';
import { AGENT_CAUSES, SHUTDOWN_FILE } from '../containers/causes/rows/agent-cause-rows.ts';
import { wasReleaseRequested } from './launch-bag.ts';
import type { AttemptView, ExitOptions, LivenessView, WipContext } from './context.ts';

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
  const { attempt } = context;
  const view = await context.liveness();
  const { status, message, detail, cause } = decideEndOfContainer(attempt, view, {
    wasReleased: wasReleaseRequested(context),
  });
  context.exit(status, message, { detail, cause, ...explanationOf(view, status) });
  const output = attempt?.output;
  for (const name of ['stdout', 'stderr'] as const) {
    const text = endOfStream(name, output?.[name]);
    if (text) context.log('INFO', text, { userReadable: true });
  }
  for (const { id, signal } of context.inbox.all()) if (signal.classId === output?.classId) context.inbox.consume(id);
}

/** Returns what the decided end says besides its sentence. A task that released its container has no other party to blame. */
function explanationOf({ end }: LivenessView, status: ExitStatus): Pick<ExitOptions, 'fault' | 'remedy' | 'evidence'> {
  if (!end) return {};
  const fault = end.fault ?? (status === 'ERROR_USER' ? 'user' : 'system');
  return { fault, ...(end.remedy !== null && { remedy: end.remedy }), evidence: end.evidence };
}

type EndedAttempt = Pick<AttemptView, 'ready' | 'verified' | 'output'> | null;

/**
 * Returns the exit of a task whose container was terminated. The message says why, because many people see only the
 * status line: the agent's sentence if it sent one, otherwise what the witnesses know. `wasReleased`: the task itself
 * asked for the end.
 */
export function decideEndOfContainer(
  attempt: EndedAttempt,
  view: LivenessView,
  { wasReleased }: { wasReleased: boolean },
): EndOfContainer {
  const output = attempt?.output ?? null;
  const detail = output?.log ?? (view.evidence ? `${view.sentence}\n(${view.evidence})` : view.sentence);
  if (wasReleased) {
    const message = 'The task released its container before its work was done.';
    return { status: 'ERROR_SYSTEM', message, detail, cause: 'released' };
  }
  // The agent cannot see who sent a SIGTERM: the view has that from ECS.
  const known = output?.cause ? AGENT_CAUSES[output.cause] : null;
  const fault = known?.fault ?? view.fault ?? null;
  const cause = (known ? output?.cause : (view.cause ?? output?.cause)) ?? 'container-terminated';
  return {
    status: fault === 'user' ? 'ERROR_USER' : 'ERROR_SYSTEM',
    message: messageOf(attempt, view, fault),
    detail,
    cause,
  };
}

function messageOf(attempt: EndedAttempt, view: LivenessView, fault: Fault | null): string {
  const output = attempt?.output;
  if (output?.cause === 'shutdown-file') return `${SHUTDOWN_FILE.sentence}. ${SHUTDOWN_FILE.remedy}.`;
  if (output) return output.cause === 'sigterm' && view.cause ? `${output.exitLog} ${view.sentence}` : output.exitLog;
  // The user's own doing is not unexpected, and a container that was never ready did not terminate but fail to start.
  const hadStarted = attempt?.ready || attempt?.verified;
  return fault === 'user' || !hadStarted ? view.sentence : `The container terminated unexpectedly. ${view.sentence}`;
}

/** Returns the end of a stream as text, with the size of what precedes it; null when nothing was written. */
function endOfStream(name: string, stream: StreamEnds | undefined): string | null {
  if (!stream || stream.bytes === 0) return null;
  const bytes = Buffer.concat([Buffer.from(stream.head, 'base64'), Buffer.from(stream.tail, 'base64')]);
  const text = bytes.toString('utf8').replaceAll('\0', '\u{FFFD}');
  const shown = text.slice(-MAX_LOGGED_CHARACTERS);
  const isCut = stream.omitted > 0 || shown.length < text.length;
  return `${name} when the container was terminated (${isCut ? `the end of ${stream.bytes} bytes` : `${stream.bytes} bytes`}):\n${shown}`;
}
