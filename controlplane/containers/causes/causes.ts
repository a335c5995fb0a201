import type { Fault, Retry } from '../../../shared/model/fault.ts';
import { singleLine } from '../../../shared/model/single-line.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import { formatBytesApart } from '../../../shared/model/units.ts';
import { AGENT_CAUSES } from './rows/agent-cause-rows.ts';
import type { CauseRow } from './cause-row.ts';
import type { EndedContainer } from '../container.ts';
import { HELPER_ENDED } from './rows/exit-causes.ts';
import { STOP_CAUSES } from './cause-rows.ts';
import { messageWords } from './message-words.ts';

/** Why a container ended or a launch failed, who is responsible, and whether another launch can help. */
export interface Cause {
  readonly cause: string;
  readonly fault: Fault;
  readonly retry: Retry;
  /** The sentence why, without the final full stop, as in OperationalError. */
  readonly sentence: string;
  readonly remedy: string;
  /** The facts behind the verdict, in the words of ECS or of the agent. */
  readonly evidence: readonly string[];
}

/** All facts known about the end of one container. */
export interface StopEvidence {
  readonly stopCode: string | null;
  readonly stoppedReason: string | null;
  readonly containerReason: string | null;
  /** Null when ECS reports none; never 0 in that case. */
  readonly exitCode: number | null;
  /** Containers beside the build's that have ended, or of which ECS says something. */
  readonly others?: readonly EndedContainer[];
  /** Before its agent had reported at all, or was ready to work; null or absent: it was ready, or nobody knows. */
  readonly endedBefore?: 'report' | 'ready' | null;
  /** The cause in the agent's output or exit signal. */
  readonly agentCause: StopCause | null;
  /** Bytes; null or absent when they are not known. */
  readonly memoryLimitBytes?: number | null;
  readonly memoryPeakBytes?: number | null;
}

// The exit code of an agent that was ended by SIGTERM: 128 + 15.
const SIGTERM_EXIT_CODE = 143;

// A sentence is for a status line; the whole message is in the evidence (ours).
const MAX_REASON_CHARACTERS = 400;

// The agent's exit codes for its own causes (agent/README.md). They tell the cause when no signal of the agent arrived.
const AGENT_EXIT_CODES: ReadonlyMap<number | null, StopCause> = new Map([
  [70, 'limit-disk'],
  [71, 'limit-inodes'],
  [72, 'limit-time'],
  [73, 'no-progress'],
  [74, 'host-disk-pressure'],
  [75, 'internal'],
]);

/** The facts in the form that rows are matched against; what is not known is empty. */
interface MatchedStop {
  readonly stopCode: string;
  readonly exitCode: number | null;
  readonly endedBefore: 'report' | 'ready' | null;
  readonly stoppedReason: string;
  readonly containerReason: string;
}

/** The one cause whose sentence has figures. */
export const OUT_OF_MEMORY = 'out-of-memory';

export function explainStop(given: StopEvidence): Cause {
  const evidence = evidenceOf(given);
  const agentCause = given.agentCause ?? AGENT_EXIT_CODES.get(given.exitCode) ?? null;
  const agentRow = agentCause && AGENT_CAUSES[agentCause];
  if (agentCause && agentRow) return { cause: agentCause, ...agentRow, evidence };
  // The agent reports its SIGTERM before ECS knows that the container has ended.
  const isBeforeEcs = given.agentCause === 'sigterm' && given.exitCode === null;
  const stop = isBeforeEcs ? { ...given, exitCode: SIGTERM_EXIT_CODE } : given;
  // The container's own reason is more specific than the task's.
  const reason = stop.containerReason || stop.stoppedReason || '';
  const matched: MatchedStop = {
    stopCode: stop.stopCode ?? '',
    exitCode: stop.exitCode,
    endedBefore: stop.endedBefore ?? null,
    stoppedReason: messageWords(stop.stoppedReason ?? ''),
    containerReason: messageWords(stop.containerReason ?? ''),
  };
  const row = STOP_CAUSES.find((candidate) => fits(candidate.when, matched));
  if (!row) throw new Error('the last row of STOP_CAUSES fits everything');
  if (row.cause === 'stopped' && hasHelperEnded(stop)) {
    return { ...HELPER_ENDED, sentence: fill(HELPER_ENDED.sentence, namesOf(stop), null), evidence };
  }
  const cause = { ...pick(row), sentence: fill(row.sentence, reason, stop.exitCode), evidence };
  return row.cause === OUT_OF_MEMORY ? withFigures(cause, stop) : cause;
}

/** Explains the end of a container that no witness answers for any more, though ECS does not say that it ended. */
export function explainSilence(): Cause {
  return {
    cause: 'given-up',
    fault: 'system',
    retry: 'never',
    sentence: 'The container did not answer for so long that it was given up',
    remedy: 'Run the build again; if it happens again, look at the network between the control plane and the cluster',
    evidence: [],
  };
}

/** An essential container that ends makes ECS stop the others; the build's own end would give it another exit code. */
function hasHelperEnded({ stopCode, others = [] }: StopEvidence): boolean {
  return stopCode === 'EssentialContainerExited' && others.some(({ exitCode }) => exitCode !== null);
}

function namesOf({ others = [] }: StopEvidence): string {
  return others.flatMap(({ name, exitCode }) => (exitCode === null ? [] : `${name}: exit code ${exitCode}`)).join(', ');
}

function fits(
  when: CauseRow['when'],
  { stopCode, exitCode, endedBefore, stoppedReason, containerReason }: MatchedStop,
): boolean {
  if (typeof when.stopCode === 'string' && when.stopCode !== stopCode) return false;
  if (when.stopCode instanceof RegExp && !when.stopCode.test(stopCode)) return false;
  if (when.exitCode !== undefined && when.exitCode !== exitCode) return false;
  if (when.endedBefore !== undefined && when.endedBefore !== endedBefore) return false;
  if (when.stoppedReason && !when.stoppedReason.test(stoppedReason)) return false;
  const { pattern } = when;
  return !pattern || pattern.test(containerReason) || pattern.test(stoppedReason);
}

function pick(row: CauseRow): Pick<Cause, 'cause' | 'fault' | 'retry' | 'remedy'> {
  return { cause: row.cause, fault: row.fault, retry: row.retry, remedy: row.remedy };
}

function fill(sentence: string, reason: string, exitCode: number | null): string {
  const said = singleLine(reason).replace(/\.$/, '');
  const shown = said.length > MAX_REASON_CHARACTERS ? `${said.slice(0, MAX_REASON_CHARACTERS)}…` : said;
  // Replacements are functions, because a replacement string would interpret dollar signs in a reason.
  return sentence
    .replace('{reason}', () => shown || 'ECS gives no reason')
    .replace('{exitCode}', () => String(exitCode));
}

/** Puts the memory limit and the highest use that was measured into the sentence, as far as they are known. */
function withFigures(cause: Cause, { memoryLimitBytes, memoryPeakBytes }: StopEvidence): Cause {
  const [limitText, peakText] = formatBytesApart(memoryLimitBytes ?? 0, memoryPeakBytes ?? 0);
  const limit = memoryLimitBytes ? limitText : null;
  const peak = memoryPeakBytes ? peakText : null;
  const sentence = limit
    ? cause.sentence.replace('than its limit', () => `than its limit of ${limit}`)
    : cause.sentence;
  return {
    ...cause,
    // Samples are seconds apart, so the use that led to the kill is hardly ever among them.
    sentence: peak ? `${sentence}; the highest use that was measured is ${peak}` : sentence,
    evidence: [
      ...cause.evidence,
      ...(limit ? [`memory limit: ${limit}`] : []),
      ...(peak ? [`memory at its highest: ${peak}`] : []),
    ],
  };
}

function evidenceOf(stop: StopEvidence): string[] {
  return [
    stop.agentCause && `agent: ${stop.agentCause}`,
    stop.stopCode && `ECS stop code: ${stop.stopCode}`,
    stop.stoppedReason && `ECS reason: ${stop.stoppedReason}`,
    stop.containerReason && `container: ${stop.containerReason}`,
    `exit code: ${stop.exitCode ?? 'unknown'}`,
    ...(stop.others ?? []).map(
      ({ name, exitCode, reason }) =>
        `other container ${name}: exit code ${exitCode ?? 'unknown'}${reason ? `, ${reason}` : ''}`,
    ),
  ].filter((line): line is string => Boolean(line));
}
