import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import type { AttemptDetail, EventView, UsageSampleView } from './task-detail-views.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { printSimulationScript } from '../../statetable/simulation-script.ts';
import { listAttempts } from '../../store/attempts/find-attempt.ts';
import { readDefinitionSizes } from '../../store/clusters/task-definitions.ts';
import { listUsageSamples, readUsage } from '../../store/output/read-usage.ts';
import type { AttemptRow, Db } from '../../store/schema.ts';
import { readAuditOf } from '../../store/settings/audit.ts';
import { listTaskSignals } from '../../store/signals/list-task-signals.ts';
import { readSteps, type StepRow } from '../../store/tasks/read-recording.ts';
import { attemptViewOf, type AttemptParts } from './task-facts.ts';
import { definitionsOf } from './task-service.ts';
import { readVerdicts } from './why/verdict-service.ts';

const SIGNAL_NAMES = new Map<string, string>(Object.entries(CLASS_ID).map(([kind, classId]) => [classId, kind]));
const PAGE = 1_000;

/** The parts of one task that its view leaves out. */
export interface TaskDetailService {
  listAttempts(id: TaskId): Promise<readonly AttemptDetail[]>;
  /** Oldest first, only those after `since`. */
  listUsageSamples(
    id: TaskId,
    from: { readonly since: Date | null; readonly limit: number },
  ): Promise<readonly UsageSampleView[]>;
  /** Oldest first. */
  listEvents(id: TaskId): Promise<readonly EventView[]>;
  /** Returns a script with which a simulation repeats the last run of the task; empty before the first step. */
  readSimulationScript(id: TaskId): Promise<string>;
}

export function createTaskDetailService(db: Db, heartbeatSeconds: number): TaskDetailService {
  return {
    listAttempts: async (id) => {
      const [attempts, usage] = await Promise.all([listAttempts(db, id), readUsage(db, id)]);
      const [sizes, verdicts] = await Promise.all([
        readDefinitionSizes(db, definitionsOf(attempts)),
        readVerdicts({ db, heartbeatSeconds }, id, attempts),
      ]);
      return attempts.map((attempt) => attemptDetail(attempt, { usage, sizes, verdicts }));
    },
    listUsageSamples: async (id, { since, limit }) =>
      (await listUsageSamples(db, id, { ...(since && { since }), limit })).map((sample) => ({
        ...sample,
        at: sample.at.toISOString(),
      })),
    listEvents: (id) => listEvents(db, id),
    readSimulationScript: async (id) => scriptOfLastRun(await readAllSteps(db, id)),
  };
}

function attemptDetail(attempt: AttemptRow, parts: AttemptParts): AttemptDetail {
  const { taskDefinition, agentVersion, ecsWitness, sshWitness } = attempt;
  const iso = (instant: Date | null): string | null => instant?.toISOString() ?? null;
  return {
    ...attemptViewOf(attempt, parts),
    taskDefinition,
    endpoint: attempt.location?.endpoint ?? null,
    agentVersion,
    sshHostKey: attempt.hostKey,
    launchedAt: iso(attempt.launchedAt),
    runningAt: iso(attempt.runningAt),
    enrolledAt: iso(attempt.enrolledAt),
    sshVerifiedAt: iso(attempt.sshVerifiedAt),
    agentSeenAt: iso(attempt.agentSeenAt),
    ecsSeenAt: ecsWitness?.seenAt ?? null,
    sshProvenAt: sshWitness?.provenAt ?? iso(attempt.sshVerifiedAt),
    ecsWitness: ecsWitness && { ...ecsWitness },
    sshWitness: sshWitness && { ...sshWitness },
  };
}

async function listEvents(db: Db, id: TaskId): Promise<EventView[]> {
  const [signals, requests] = await Promise.all([listTaskSignals(db, id), readAuditOf(db, `task/${id}`)]);
  const events: { readonly micros: number; readonly view: EventView }[] = [
    ...signals.map(({ classId, attempt, seq, receivedAt, receivedMicros, usedAt, consumedAt }) => ({
      micros: receivedMicros,
      view: {
        kind: 'signal' as const,
        at: receivedAt.toISOString(),
        signal: SIGNAL_NAMES.get(classId) ?? classId,
        attempt,
        sequence: seq,
        usedAt: usedAt?.toISOString() ?? null,
        consumedAt: consumedAt?.toISOString() ?? null,
      },
    })),
    ...requests.map(({ at, atMicros, action, actor }) => ({
      micros: atMicros,
      view: { kind: 'request' as const, at: at.toISOString(), action, by: actor },
    })),
  ];
  // Several events can have the same time, because views have milliseconds.
  return events.sort((one, other) => one.micros - other.micros).map(({ view }) => view);
}

async function readAllSteps(db: Db, id: TaskId): Promise<StepRow[]> {
  const all: StepRow[] = [];
  for (;;) {
    const page = await readSteps(db, id, { after: all.at(-1)?.id ?? 0, limit: PAGE });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** A restarted task enters its start state anew, so its last run begins at the last step that came from nowhere. */
function scriptOfLastRun(steps: readonly StepRow[]): string {
  const start = steps.findLastIndex((step) => step.fromState === null);
  return printSimulationScript(
    steps.slice(Math.max(0, start)).map((step) => ({
      from: step.fromState,
      value: step.value,
      to: step.state,
      // The value that the step decider uses for a request to terminate; the task itself does not return it.
      way: step.value === 'terminateRequested' ? 'terminate' : 'row',
      executed: step.executed,
      waitSeconds: step.waitSeconds,
    })),
  );
}
