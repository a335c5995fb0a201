import type { Fault } from '../../../shared/model/fault.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import type { StreamEnds } from '../../../shared/protocol/signals.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import { AGENT_CAUSES, SHUTDOWN_FILE, type AgentCauseRow } from '../../containers/causes/rows/agent-cause-rows.ts';
import { killedFor } from './killed-process.ts';
import { wasReleaseRequested } from './launch-bag.ts';
import type { AttemptView, ExitOptions, LivenessView, WipContext } from '../context.ts';

// Length of the excerpt in a log entry, in characters (ours). The whole stream is in the stored output.
const MAX_LOGGED_CHARACTERS = 16 * 1024;

const KILLED =
  'The agent of the container ended its process for that, and its last signals did not arrive before the container was given up.';

export interface EndOfContainer {
  readonly status: ExitStatus;
  readonly message: string;
  readonly detail: string;
  readonly cause: string;
  /** Explains an end that only the killed process tells; null: the view of the witnesses explains it. */
  readonly row: AgentCauseRow | null;
}

/** Sets the exit of a task whose container was terminated, and logs the last output for the user. */
export async function tellEndOfContainer(context: WipContext): Promise<void> {
  const { attempt } = context;
  const view = await context.liveness();
  const { status, message, detail, cause, row } = decideEndOfContainer(attempt, view, {
    wasReleased: wasReleaseRequested(context),
    killedFor: killedFor(context),
  });
  context.exit(status, message, { detail, cause, ...explanationOf(view, status, row) });
  const output = attempt?.output;
  for (const name of ['stdout', 'stderr'] as const) {
    const text = endOfStream(name, output?.[name]);
    if (text) context.log('INFO', text, { userReadable: true });
  }
  for (const { id, signal } of context.inbox.all()) if (signal.classId === output?.classId) context.inbox.consume(id);
}

/** Returns what the decided end says besides its sentence. A task that released its container has no other party to blame. */
function explanationOf(
  { end }: LivenessView,
  status: ExitStatus,
  row: AgentCauseRow | null,
): Pick<ExitOptions, 'fault' | 'remedy' | 'evidence'> {
  if (row) return { fault: row.fault, remedy: row.remedy, evidence: end?.evidence ?? [] };
  if (!end) return {};
  const fault = end.fault ?? (status === 'ERROR_USER' ? 'user' : 'system');
  return { fault, ...(end.remedy !== null && { remedy: end.remedy }), evidence: end.evidence };
}

type EndedAttempt = Pick<AttemptView, 'ready' | 'verified' | 'output'> | null;

/**
 * Returns the exit of a task whose container was terminated. The message says why, because many people see only the
 * status line: the agent's sentence if it sent one, otherwise what the witnesses know. `wasReleased`: the task itself
 * asked for the end. `killedFor`: why the agent has killed the process of the task, which counts when its last words are
 * lost.
 */
export function decideEndOfContainer(
  attempt: EndedAttempt,
  view: LivenessView,
  { wasReleased, killedFor }: { readonly wasReleased: boolean; readonly killedFor: StopCause | null },
): EndOfContainer {
  const output = attempt?.output ?? null;
  const detail = output?.log ?? withEvidence(view.sentence, view);
  if (wasReleased) {
    const message = 'The task released its container before its work was done.';
    return { status: 'ERROR_SYSTEM', message, detail, cause: 'released', row: null };
  }
  // The agent cannot see who sent a SIGTERM: the view has that from ECS.
  const agentCause = output?.cause ?? killedFor;
  const known = agentCause ? AGENT_CAUSES[agentCause] : null;
  const fault = known?.fault ?? view.fault ?? null;
  if (agentCause && known && !output) {
    // ECS knows no more than an exit code of this end.
    const status = known.fault === 'user' ? 'ERROR_USER' : 'ERROR_SYSTEM';
    const message = `${known.sentence}. ${known.remedy}.`;
    return { status, message, detail: withEvidence(KILLED, view), cause: agentCause, row: known };
  }
  const cause = (known ? agentCause : (view.cause ?? agentCause)) ?? 'container-terminated';
  return {
    status: fault === 'user' ? 'ERROR_USER' : 'ERROR_SYSTEM',
    message: messageOf(attempt, view, fault),
    detail,
    cause,
    row: null,
  };
}

function withEvidence(sentence: string, { evidence }: LivenessView): string {
  return evidence ? `${sentence}\n(${evidence})` : sentence;
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
