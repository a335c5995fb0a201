import type { Verdict } from '../../shared/model/verdict.ts';
import type { EcsSnapshot } from './container.ts';

/*
 * Weighs what three witnesses (agent, ECS, SSH) report of one container. Each may be late or wrong:
 *
 *   agent's last words ── they say why ─────────────────────► terminated
 *                      ── it only got a SIGTERM ── ECS says who sent it ─► terminated
 *                                               ── otherwise ──────────► last_words ── 2 min ──► terminated
 *   ECS: STOPPED or gone ── agent still speaks ─────────────► contradiction
 *                        ── less than 30 s ago ─────────────► last_words     (its last words may be on their way)
 *                        ── otherwise ──────────────────────► terminated
 *   ECS knows its exit code, or the agent never enrolled: the same with 5 s, since no agent is left that could speak;
 *   with 0 s when the container never ran
 *   agent speaks ── never said ready ───────────────────────► starting
 *                ── ready, SSH not proven ──────────────────► ready
 *                ── ready, SSH proven ──────────────────────► running
 *   words that nobody signed (legacy) ── ECS decides; without its answer they are believed after 1 min without SSH
 *   agent silent ── was never heard, ECS before RUNNING ────► starting
 *                ── SSH proven lately ──────────────────────► running
 *                ── SSH fails and ECS says RUNNING ─────────► unreachable ── 15 min ──► terminated
 *                ── nothing can be learned ─────────────────► no_information ─ 15 min ► terminated
 */

export type SshFailure = 'refused' | 'timeout' | 'key-exchange' | 'auth' | 'host-key' | 'channel';

/** The age of each report in seconds; null: there was none. */
export interface Witnesses {
  readonly agent: {
    readonly readyAge: number | null;
    /** Since the last authenticated message of any kind: signal, heartbeat, chunk. */
    readonly lastWordAge: number | null;
    /** True when an output or exit signal has arrived. */
    readonly lastWords: 'output' | 'exit' | null;
    /** False when its last words say no more than that it got a SIGTERM: it cannot see who sent it. */
    readonly knowsWhy: boolean;
    /** Whether nobody signs for the container. Its words then decide nothing by themselves. */
    readonly isHint?: boolean;
    readonly heartbeatSeconds: number;
  };
  readonly ssh: { readonly lastProofAge: number | null; readonly failure: SshFailure | null };
  readonly ecs: {
    readonly snapshot: EcsSnapshot | null;
    /** Since ECS last described this container, in whatever state. */
    readonly lastSeenAge: number | null;
    /** Since its end, by ECS's clock or ours, whichever gives the later instant; null before the end. */
    readonly stoppedAge: number | null;
    /** Since ECS first showed its exit code; null when ECS has shown none. */
    readonly exitedAge: number | null;
  };
  readonly launchedAge: number;
}

export interface Liveness {
  readonly verdict: Verdict;
  readonly evidence: readonly string[];
  /** True when ECS still runs a container that is over: it must be stopped. */
  readonly stopTask: boolean;
  /** The longest time after which to check again, in seconds; null: an event will come. */
  readonly recheckSeconds: number | null;
}

// Heartbeats may be late by a retry or a busy machine. One missing heartbeat proves nothing, three do (Kubernetes'
// node monitor waits four of the kubelet's 10 s intervals).
const SILENT_INTERVALS = 3;
// The agent's stop takes seconds (TERM, KILL after 4 s, drain 1 s, delivery). Its last words count within this time.
const LAST_WORDS_SECONDS = 30;
// A container with an exit code has no agent any more, whose stop could take time: only what the agent had sent before
// its end can arrive, and a request that is under way is committed within this time (ours: a commit takes milliseconds,
// a failover of the database seconds).
const UNDER_WAY_SECONDS = 5;
// DescribeTasks is eventually consistent (ECS API reference recommends backoff up to 5 minutes).
const MISSING_IS_GONE_SECONDS = 300;
// How long all witnesses may be silent or negative before the container is given up. Ours: longer than known outages
// of single AWS API calls, shorter than the patience of a person.
const BUDGET_SECONDS = 15 * 60;
// A signal sent before the end may be delivered a moment after it.
const DELIVERY_SECONDS = 10;
// The time in which a container must end by itself after its agent's exit signal.
const EXIT_GRACE_SECONDS = 60;
const ASK_AGAIN_SECONDS = 10;
// ECS shows its stop code as soon as the stop is ordered, before the agent gets its SIGTERM. The wait is for ends that ECS
// learns later: a host that shuts down. 120 s is the longest stopTimeout of Fargate and the notice that Spot gives.
const SENDER_SECONDS = 120;
// How often ECS is asked for the sender. Snapshots of a container on its way to a stop are shared for 1 s.
const ASK_SENDER_SECONDS = 2;
// How often ECS is asked whether an unsigned exit is true. The table waits ten times for that, and ECS takes seconds.
const ASK_HINT_SECONDS = 3;

export function decideLiveness(witnesses: Witnesses): Liveness {
  return fromLastWords(witnesses) ?? fromEcsEnd(witnesses) ?? fromAgent(witnesses) ?? fromSilence(witnesses);
}

function fromLastWords(witnesses: Witnesses): Liveness | null {
  const { agent, ecs } = witnesses;
  if (!agent.lastWords) return null;
  if (agent.isHint === true) return fromHint(witnesses);
  const held = ecs.snapshot?.kind === 'seen' && ecs.snapshot.desiredStatus !== 'STOPPED';
  const evidence = [`the agent sent its ${agent.lastWords} signal`];
  if (held) evidence.push(`ECS still says ${statusOf(ecs.snapshot)}`);
  const senderSeconds = SENDER_SECONDS - (agent.lastWordAge ?? 0);
  if (!agent.knowsWhy && !knowsSender(ecs) && senderSeconds > 0) {
    evidence.push('it got a SIGTERM, and ECS has not said yet who sent it');
    const recheckSeconds = Math.min(ASK_SENDER_SECONDS, senderSeconds);
    return { verdict: 'last_words', evidence, stopTask: false, recheckSeconds };
  }
  const overdue = agent.lastWordAge !== null && agent.lastWordAge > EXIT_GRACE_SECONDS;
  return { verdict: 'terminated', evidence, stopTask: held && overdue, recheckSeconds: null };
}

/**
 * Judges last words that nobody signed. ECS decides whether the container has ended. While ECS does not say so, they are
 * believed after a while, unless the container has answered over SSH since.
 */
function fromHint(witnesses: Witnesses): Liveness | null {
  const { agent, ssh, ecs } = witnesses;
  if (endInEcs(witnesses)) return null;
  const age = agent.lastWordAge ?? 0;
  const evidence = [`the container said that it ends, which nobody signed`, `ECS still says ${statusOf(ecs.snapshot)}`];
  if (age <= EXIT_GRACE_SECONDS) {
    return { verdict: 'last_words', evidence, stopTask: false, recheckSeconds: ASK_HINT_SECONDS };
  }
  const hasAnswered = ssh.failure === null && ssh.lastProofAge !== null && ssh.lastProofAge < age;
  return hasAnswered ? null : { verdict: 'terminated', evidence, stopTask: true, recheckSeconds: null };
}

/** Returns whether ECS has said why the container ends, or can say no more. */
function knowsSender({ snapshot, lastSeenAge }: Witnesses['ecs']): boolean {
  if (snapshot?.kind === 'missing') return lastSeenAge !== null;
  return snapshot?.kind === 'seen' && (snapshot.stopCode !== null || isOver(snapshot));
}

function fromEcsEnd(witnesses: Witnesses): Liveness | null {
  const { agent, ecs } = witnesses;
  const end = endInEcs(witnesses);
  if (!end) return null;
  const evidence = [`ECS says ${statusOf(ecs.snapshot)}`];
  const spokeAfter = agent.lastWordAge !== null && agent.lastWordAge + DELIVERY_SECONDS < end.age;
  if (spokeAfter && isSpeaking(agent)) {
    evidence.push(`the agent spoke ${seconds(agent.lastWordAge)} ago, after that end`);
    return { verdict: 'contradiction', evidence, stopTask: false, recheckSeconds: ASK_AGAIN_SECONDS };
  }
  if (end.age < end.lastWordsSeconds) {
    evidence.push(`it ended ${seconds(end.age)} ago and its last words may be on their way`);
    return { verdict: 'last_words', evidence, stopTask: false, recheckSeconds: end.lastWordsSeconds - end.age };
  }
  evidence.push(wordsBefore(witnesses));
  return { verdict: 'terminated', evidence, stopTask: false, recheckSeconds: null };
}

/** Says what was heard of a container before the end that ECS tells of. */
function wordsBefore({ agent, ecs }: Witnesses): string {
  if (agent.lastWords === 'exit') return 'it had said that it ends';
  return agent.lastWordAge === null && neverRan(ecs.snapshot) ? 'it never ran' : 'its last words did not come';
}

/** Returns for how long the container has been over according to ECS, and how long its last words may take. */
function endInEcs({ agent, ecs, launchedAge }: Witnesses): { age: number; lastWordsSeconds: number } | null {
  const neverSpoke = agent.lastWordAge === null;
  if (neverSpoke && neverRan(ecs.snapshot)) return { age: ecs.stoppedAge ?? 0, lastWordsSeconds: 0 };
  // A shell entrypoint says its exit last.
  const underWaySeconds = agent.isHint === true && agent.lastWords === 'exit' ? 0 : UNDER_WAY_SECONDS;
  if (ecs.exitedAge !== null) return { age: ecs.exitedAge, lastWordsSeconds: underWaySeconds };
  const isMissing = ecs.snapshot?.kind === 'missing';
  const isGone = isMissing && (ecs.lastSeenAge !== null || launchedAge > MISSING_IS_GONE_SECONDS);
  if (!isGone && !(ecs.snapshot && isOver(ecs.snapshot))) return null;
  // An agent that has not enrolled has no key, so it has sent no signal that could be under way for long.
  const lastWordsSeconds = neverSpoke ? UNDER_WAY_SECONDS : LAST_WORDS_SECONDS;
  return { age: ecs.stoppedAge ?? (isMissing ? LAST_WORDS_SECONDS : 0), lastWordsSeconds };
}

/** Returns whether ECS has given up the task before its container ran: there is nobody who could speak. */
function neverRan(snapshot: EcsSnapshot | null): boolean {
  if (snapshot?.kind !== 'seen' || snapshot.startedAt !== null || snapshot.exitCode !== null) return false;
  // A bare STOPPED may be wrong. ECS says why whenever it gives up a start.
  if (snapshot.stopCode === null && snapshot.stoppedReason === null) return false;
  return isOver(snapshot) || (snapshot.lastStatus === 'DEPROVISIONING' && snapshot.desiredStatus === 'STOPPED');
}

function fromAgent({ agent, ssh, ecs }: Witnesses): Liveness | null {
  if (!isSpeaking(agent)) return null;
  const evidence = [`the agent spoke ${seconds(agent.lastWordAge ?? 0)} ago`];
  if (ecs.snapshot) evidence.push(`ECS says ${statusOf(ecs.snapshot)}`);
  if (ssh.failure) evidence.push(`SSH failed: ${ssh.failure}`);
  const verdict = agent.readyAge === null ? 'starting' : ssh.lastProofAge === null ? 'ready' : 'running';
  return { verdict, evidence, stopTask: false, recheckSeconds: null };
}

/** Judges a container whose agent is silent while ECS does not report its end. */
function fromSilence(witnesses: Witnesses): Liveness {
  const { agent, ssh, ecs, launchedAge } = witnesses;
  const status = ecs.snapshot?.kind === 'seen' ? ecs.snapshot.lastStatus : null;
  const evidence = [
    agent.lastWordAge === null
      ? 'the agent has not spoken yet'
      : `the agent is silent for ${seconds(agent.lastWordAge)}`,
    `ECS says ${statusOf(ecs.snapshot)}`,
    ...(ssh.failure ? [`SSH failed: ${ssh.failure}`] : []),
  ];
  const answer = (verdict: Verdict, stopTask = false): Liveness => ({
    verdict,
    evidence,
    stopTask,
    recheckSeconds: verdict === 'terminated' ? null : ASK_AGAIN_SECONDS,
  });

  if (ssh.failure === null && isRecent(ssh.lastProofAge, agent.heartbeatSeconds)) return answer('running');
  if (status === null) return isWithinBudget(heard(witnesses)) ? answer('no_information') : answer('terminated', true);
  if (status === 'PROVISIONING' || status === 'PENDING' || status === 'ACTIVATING') return answer('starting');
  if (status !== 'RUNNING') return answer('last_words');
  // ECS's RUNNING alone does not prove a working container. Only the agent and SSH extend this budget.
  const ownWords = youngest([agent.lastWordAge, ssh.lastProofAge, launchedAge]);
  if (!isWithinBudget(ownWords)) return answer('terminated', true);
  if (agent.lastWordAge === null) return answer('starting');
  return answer(ssh.failure ? 'unreachable' : 'running');
}

function isSpeaking(agent: Witnesses['agent']): boolean {
  return isRecent(agent.lastWordAge, agent.heartbeatSeconds);
}

function isRecent(age: number | null, heartbeatSeconds: number): boolean {
  return age !== null && age <= SILENT_INTERVALS * heartbeatSeconds;
}

function isWithinBudget(age: number): boolean {
  return age <= BUDGET_SECONDS;
}

/** Returns the seconds since a witness last gave a good answer; the launch itself counts as one. */
function heard({ agent, ssh, ecs, launchedAge }: Witnesses): number {
  return youngest([agent.lastWordAge, ssh.lastProofAge, ecs.lastSeenAge, launchedAge]);
}

function youngest(ages: readonly (number | null)[]): number {
  return Math.min(...ages.filter((age) => age !== null));
}

function isOver(snapshot: EcsSnapshot): boolean {
  return snapshot.kind === 'seen' && (snapshot.lastStatus === 'STOPPED' || snapshot.lastStatus === 'DELETED');
}

function statusOf(snapshot: EcsSnapshot | null): string {
  if (!snapshot) return 'nothing yet';
  if (snapshot.kind === 'seen') return snapshot.lastStatus;
  return snapshot.kind === 'missing' ? 'it does not know the container' : `nothing (${snapshot.error})`;
}

function seconds(age: number): string {
  return `${Math.round(age)} s`;
}
