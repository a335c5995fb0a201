import type { EventView, UsageSampleView } from '../../../controlplane/api/tasks/task-detail-views.ts';
import type { RecordedOutput } from '../../../controlplane/api/tasks/recording/task-recording-service.ts';
import type { SubmittedTask } from '../../../controlplane/api/tasks/task-service.ts';
import type { LogView, StepView } from '../../../controlplane/api/tasks/recording/task-recording-views.ts';
import type { TaskViewFacts } from '../../../controlplane/api/tasks/task-views.ts';

/** A piece of output before its bytes become text. */
type MemoryPiece = Omit<RecordedOutput, 'data' | 'length'> & { readonly data: Buffer };

/** One task with its recordings, as the services in memory keep it. */
export interface MemoryTask {
  facts: TaskViewFacts;
  /** Each write of the task counts, as each changes the version of a row. */
  writes: number;
  readonly steps: StepView[];
  readonly logs: LogView[];
  readonly pieces: MemoryPiece[];
  readonly samples: UsageSampleView[];
  readonly events: EventView[];
}

/** Returns a task that was submitted at this instant and has not started. */
export function newTask(id: number, submitted: SubmittedTask, at: string): MemoryTask {
  return { facts: newFacts(id, submitted, at), writes: 0, steps: [], logs: [], pieces: [], samples: [], events: [] };
}

function newFacts(id: number, submitted: SubmittedTask, at: string): TaskViewFacts {
  return {
    id,
    uuid: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    title: submitted.title ?? `Task ${id}`,
    kind: submitted.kind,
    group: submitted.group ?? submitted.kind,
    priority: submitted.priority ?? 'MEDIUM',
    isPrioritised: false,
    status: 'NOT_STARTED',
    state: null,
    exitStatus: 'NOT_FINISHED',
    exitMessage: null,
    terminateRequest: null,
    exitDetail: null,
    builtCommit: null,
    artefactCommit: null,
    cause: null,
    fault: null,
    remedy: null,
    evidence: [],
    isPaused: false,
    isTerminating: false,
    createdBy: submitted.createdBy,
    createdAt: at,
    startedAt: null,
    completedAt: null,
    wakeAt: null,
    source: null,
    phase: 'queued',
    stateSince: null,
    step: null,
    usualSeconds: null,
    steps: [],
    failedStep: null,
    usual: null,
    waitsBecause: null,
    waiting: null,
    clientJobId: submitted.clientJobId ?? null,
    usage: null,
    attempts: [],
    options: { ...submitted.options },
  };
}
