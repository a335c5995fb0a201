import { faultOfExit, storedEndOf } from '../containers/causes/end-cause.ts';
import type { AttemptRow } from '../store/schema.ts';
import type { TaskTrace, TracedEffect, TracedEntry } from '../store/tasks/read-task-trace.ts';
import { attemptSpanId, spanIdOf } from './trace-ids.ts';

type Attributes = Readonly<Record<string, string | number>>;

/** One span as it is sent. Names hold no ids: a collector groups by them. */
export interface PlannedSpan {
  readonly name: string;
  readonly spanId: string;
  /** null: the root of the trace. */
  readonly parentId: string | null;
  readonly kind: 'internal' | 'client';
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly at: Date }[];
  readonly outcome: 'ok' | 'error' | 'unset';
}

/**
 * Returns the spans of the last run of a task: the task itself, its time in the queue, each entry of a state, each effect
 * below the state that made it, and each container attempt.
 */
export function planTrace(trace: TaskTrace): PlannedSpan[] {
  const root = taskSpan(trace);
  const states = stateSpans(trace, root.spanId);
  return [
    root,
    ...queueSpans(trace, root),
    ...states,
    ...trace.effects.map((effect) => effectSpan(trace, effect, parentOf(effect.createdAt, states, root))),
    ...trace.attempts.map((attempt) => attemptSpan(trace, attempt, root.spanId)),
  ];
}

/** Entries go on counting when a task is restarted, so only its first run begins with the first. */
function isFirstRun({ entries }: TaskTrace): boolean {
  return (entries[0]?.entry ?? 1) <= 1;
}

function taskSpan(trace: TaskTrace): PlannedSpan {
  const { task } = trace;
  const { uuid, exitStatus, startedAt, completedAt } = task;
  const stored = storedEndOf(task)?.fault ?? null;
  return {
    ...PLAIN,
    name: `task ${task.kind}`,
    spanId: spanIdOf(uuid, 'task', startedAt.getTime()),
    parentId: null,
    startedAt: isFirstRun(trace) ? task.createdAt : startedAt,
    endedAt: completedAt,
    attributes: given({
      'wip.task.id': task.id,
      'wip.task.uuid': uuid,
      'wip.task.kind': task.kind,
      'wip.task.group': task.groupName,
      'wip.exit_status': exitStatus,
      'wip.cause': task.cause,
      'wip.fault': faultOfExit(exitStatus, stored),
    }),
    outcome: exitStatus === 'ERROR_USER' || exitStatus === 'ERROR_SYSTEM' ? 'error' : 'ok',
  };
}

const PLAIN = { kind: 'internal', events: [], outcome: 'unset' } as const;

function queueSpans(trace: TaskTrace, root: PlannedSpan): PlannedSpan[] {
  const { uuid, groupName, createdAt, startedAt } = trace.task;
  if (!isFirstRun(trace)) return [];
  const attributes = { 'wip.task.group': groupName };
  const span = { ...PLAIN, name: 'queue', spanId: spanIdOf(uuid, 'queue'), parentId: root.spanId, attributes };
  return [{ ...span, startedAt: createdAt, endedAt: startedAt }];
}

function stateSpans({ task, entries, attempts }: TaskTrace, parentId: string): PlannedSpan[] {
  return entries.map((entry, index) => {
    const next = entries[index + 1];
    const endedAt = next?.startedAt ?? task.completedAt;
    return {
      ...PLAIN,
      name: `state ${entry.state}`,
      spanId: spanIdOf(task.uuid, 'state', entry.entry, entry.startedAt.getTime()),
      parentId,
      startedAt: entry.startedAt,
      endedAt: later(entry.startedAt, endedAt),
      attributes: stateAttributes(
        entry,
        next,
        attempts.findLast(({ createdAt }) => createdAt < endedAt),
      ),
      outcome: next?.value === '!' ? 'error' : 'unset',
    };
  });
}

function stateAttributes(entry: TracedEntry, next: TracedEntry | undefined, attempt: AttemptRow | undefined) {
  return given({
    'wip.state': entry.state,
    'wip.entry': entry.entry,
    // A state without a transition method gives none.
    'wip.value': next?.value || null,
    'wip.attempt': attempt?.number ?? null,
    'wip.cluster': attempt?.cluster ?? null,
    'wip.note': entry.note,
  });
}

function parentOf(at: Date, states: readonly PlannedSpan[], root: PlannedSpan): string {
  return (states.findLast(({ startedAt }) => startedAt <= at) ?? root).spanId;
}

function effectSpan({ task }: TaskTrace, effect: TracedEffect, parentId: string): PlannedSpan {
  const { key, name, scope, state, createdAt, settledAt } = effect;
  return {
    ...PLAIN,
    // Tasks name their effects as they like, with numbers and names of things: those are attributes.
    name: /^launch(-\d+)?$/.test(name) ? 'effect launch' : 'effect',
    kind: 'client',
    spanId: spanIdOf(task.uuid, 'effect', key),
    parentId,
    startedAt: createdAt,
    endedAt: later(createdAt, settledAt ?? task.completedAt),
    attributes: { 'wip.effect': name, 'wip.effect.scope': scope, 'wip.effect.state': state },
    outcome: state === 'refused' || state === 'unknown' ? 'error' : 'unset',
  };
}

function attemptSpan({ task }: TaskTrace, attempt: AttemptRow, parentId: string): PlannedSpan {
  const { createdAt, resolvedAt, endCause } = attempt;
  return {
    ...PLAIN,
    name: 'attempt',
    spanId: attemptSpanId(task.uuid, attempt.uuid),
    parentId,
    startedAt: createdAt,
    endedAt: later(createdAt, resolvedAt ?? task.completedAt),
    attributes: given({
      'wip.attempt': attempt.number,
      'wip.cluster': attempt.cluster,
      'wip.cause': endCause?.cause ?? attempt.cause,
      'wip.fault': endCause?.fault ?? null,
      'aws.ecs.task.arn': attempt.arn,
      'cloud.region': attempt.location?.region ?? null,
    }),
    events: eventsOf(attempt),
    outcome: endCause?.fault ? 'error' : 'unset',
  };
}

function eventsOf(attempt: AttemptRow): { name: string; at: Date }[] {
  const { launchedAt, runningAt, enrolledAt, readyAt, sshVerifiedAt, releasedAt } = attempt;
  const moments = { launched: launchedAt, running: runningAt, enrolled: enrolledAt, ready: readyAt };
  const all = { ...moments, verified: sshVerifiedAt, released: releasedAt };
  return Object.entries(all).flatMap(([name, at]) => (at ? [{ name, at }] : []));
}

/** The clocks of two connections may differ by a moment, and a span must not end before it began. */
function later(one: Date, other: Date): Date {
  return one < other ? other : one;
}

/** An attribute has no null. */
function given(attributes: Readonly<Record<string, string | number | null>>): Attributes {
  const known = Object.entries(attributes).filter((entry): entry is [string, string | number] => entry[1] !== null);
  return Object.fromEntries(known);
}
