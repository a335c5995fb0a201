import { EventEmitter, on } from 'node:events';
import { OperationalError } from '../../shared/model/error.ts';
import { TaskId, type CallbackId } from '../../shared/model/ids.ts';
import { systemClock, type Clock } from '../../shared/support/clock.ts';
import type { AcceptedCallers } from '../../shared/support/http-callers.ts';
import { createLogger } from '../../shared/support/logger.ts';
import { createSealer } from '../../shared/support/sealing.ts';
import { Secret } from '../../shared/support/secret.ts';
import type {
  ReceivedChunk,
  ReceivedOutput,
  ReceivedHeartbeat,
  VerifiedSignal,
  SignalOutcome,
} from '../../controlplane/api/agents/agent-report-service.ts';
import { createKindService } from '../../controlplane/api/kinds/kind-service.ts';
import type { SigningKey } from '../../controlplane/api/agents/signing-keys.ts';
import type { ReceivedEnrolment, EnrolmentOutcome } from '../../controlplane/api/agents/enrolment-service.ts';
import type { ConfigurationAnswer, SettingView } from '../../controlplane/api/configuration/configuration-views.ts';
import { createMemoryDefinitions } from './memory-definitions.ts';
import { createDashboardService } from '../../controlplane/api/dashboard/dashboard-service.ts';
import { createSessionService, type SessionService } from '../../controlplane/api/sessions/session-service.ts';
import type { HttpApiDeps } from '../../controlplane/api/create-http-api.ts';
import type { Principal } from '../../controlplane/api/http/authentication.ts';
import type { EventView, UsageSampleView } from '../../controlplane/api/tasks/task-detail-views.ts';
import type { TaskDetailService } from '../../controlplane/api/tasks/task-detail-service.ts';
import type { RecordedOutput, TaskRecordingService } from '../../controlplane/api/tasks/task-recording-service.ts';
import type { SubmittedTask, TaskFilter } from '../../controlplane/api/tasks/task-service.ts';
import { createTaskListWatch } from '../../controlplane/api/tasks/task-list-watch.ts';
import type { TaskWatchers } from '../../controlplane/api/tasks/task-watchers.ts';
import { SHIPPED_KINDS } from '../../controlplane/tasks/kinds.ts';
import type { BuildKeysView } from '../../controlplane/api/secrets/secret-views.ts';
import {
  TaskSummary,
  type LogView,
  type StepView,
  type TaskRank,
  type TaskSummaryFacts,
  type TaskViewFacts,
} from '../../controlplane/api/tasks/task-views.ts';
import { MemoryOperation } from './memory-operation.ts';

const MASTER_KEY = new Secret(Buffer.alloc(32, 7));

/** One task with its recordings, as the services in memory keep it. */
export interface MemoryTask {
  facts: TaskViewFacts;
  readonly steps: StepView[];
  readonly logs: LogView[];
  readonly pieces: RecordedOutput[];
  readonly samples: UsageSampleView[];
  readonly events: EventView[];
}

/** Recordings that a change adds. */
interface Records {
  readonly step?: string;
  readonly log?: string;
  readonly output?: string;
  /** Bytes that are missing before the output. */
  readonly omitted?: number;
}

/**
 * Every service of the API in memory: the work of store and engine for the routes, complete but lost at the end.
 * Tests use its public fields directly.
 */
export class MemoryServices extends MemoryOperation {
  readonly log = createLogger('test', 'silent');
  readonly version = '0.0.0-test';
  /** Settings of the node. */
  settings: readonly SettingView[] = [];
  rates = { tokenRate: 1_000, containerRate: 1_000 };
  readonly tasks = new Map<number, MemoryTask>();
  readonly signingKeys = new Map<string, SigningKey>();
  /** Attempt uuid → outcome of its next enrolment. */
  readonly enrolments = new Map<string, EnrolmentOutcome>();
  readonly signals: VerifiedSignal[] = [];
  readonly chunks: ReceivedChunk[] = [];
  readonly heartbeats: ReceivedHeartbeat[] = [];
  readonly enrolled: ReceivedEnrolment[] = [];
  /** Containers whose signals and output are refused as too much. */
  readonly full = new Set<CallbackId>();
  reasonsNotReady: readonly string[] = [];
  readonly callers: AcceptedCallers = { publicUrl: null, hosts: [] };
  /** Called after a task was added, so that a test can make it run. */
  onAdded: (task: MemoryTask) => void = () => undefined;
  /** The token that callers on this machine get a session with. */
  loopbackToken: string | null = null;
  /** Where the built dashboard is. */
  dashboardDirectory = '/nonexistent';
  url = 'http://127.0.0.1';
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #requests = 0;

  constructor(clock: Clock = systemClock) {
    super(clock);
  }

  /** Returns the dependencies of the server: this object is each of the services. */
  get apiDeps(): HttpApiDeps {
    return {
      services: {
        authenticator: this,
        health: this,
        metrics: this,
        enrolment: this,
        agents: this,
        tasks: this,
        recordings: this,
        taskDetails: this,
        watchers: this,
        listWatch: createTaskListWatch({ readVersions: this.readVersions, clock: this.clock }),
        kinds: createKindService(new Map(SHIPPED_KINDS.map((kind) => [kind.kind, kind]))),
        groups: this,
        pauses: this,
        maintenance: this,
        status: this,
        tokens: this,
        clusters: this,
        configuration: this,
        definitions: this.definitions,
        audit: this,
        secrets: this,
        buildValues: this,
        doctor: this,
        sessions: this.sessions,
        dashboard: createDashboardService(async () => this.dashboardDirectory),
      },
      acceptedCallers: this.callers,
      rates: this.rates,
      isDatabaseTrouble: () => false,
      createRequestId: () => `request-${(this.#requests += 1)}`,
      clock: this.clock,
      log: this.log,
    };
  }

  readonly definitions = createMemoryDefinitions();

  readonly readConfiguration = (): ConfigurationAnswer => ({
    node: 'node-a',
    version: this.version,
    settings: [...this.settings],
  });

  get sessions(): SessionService {
    const sealer = createSealer(MASTER_KEY);
    const sessions = createSessionService({
      sealer,
      clock: this.clock,
      loopbackToken: null,
      publicUrl: () => this.url,
    });
    const loopbackToken = (): string | null => this.loopbackToken;
    return {
      ...sessions,
      get loopbackToken() {
        return loopbackToken();
      },
    };
  }

  readonly authenticate = async (token: string): Promise<Principal | null> => this.principals.get(token) ?? null;
  launchBlocks: readonly string[] = [];
  findLaunchBlocks(): Promise<readonly string[]> {
    return Promise.resolve(this.launchBlocks);
  }
  readonly findReasonsNotReady = async (): Promise<readonly string[]> => this.reasonsNotReady;

  readonly countTasks = async (): Promise<Partial<Record<TaskViewFacts['status'], number>>> => {
    const counts: Partial<Record<TaskViewFacts['status'], number>> = {};
    for (const { facts } of this.tasks.values()) counts[facts.status] = (counts[facts.status] ?? 0) + 1;
    return counts;
  };

  readonly enrol = async (enrolment: ReceivedEnrolment): Promise<EnrolmentOutcome> => {
    this.enrolled.push(enrolment);
    return this.enrolments.get(enrolment.attempt) ?? { kind: 'unknown' };
  };

  readonly findSigningKey = async (callbackId: CallbackId): Promise<SigningKey | null> =>
    this.signingKeys.get(callbackId) ?? null;

  readonly recordSignal = async (signal: VerifiedSignal): Promise<SignalOutcome> => {
    if (!this.signingKeys.has(signal.callbackId)) return 'unknown';
    const earlier = this.signals.find(
      (one) => one.callbackId === signal.callbackId && one.webhookId === signal.webhookId,
    );
    if (earlier) return earlier.bodySha256 === signal.bodySha256 ? 'repeated' : 'conflict';
    const refusal = this.#refusalOf(signal.callbackId);
    if (refusal) return refusal;
    this.signals.push(signal);
    return 'recorded';
  };

  readonly recordOutput = async (output: ReceivedOutput): Promise<{ watched: boolean } | 'ended' | 'full'> => {
    const isKnown = ({ processId, stream, offset }: ReceivedChunk): boolean =>
      this.chunks.some((one) => one.processId === processId && one.stream === stream && one.offset === offset);
    const fresh = output.chunks.filter((chunk) => !isKnown(chunk));
    const refusal = fresh.length === 0 ? undefined : this.#refusalOf(output.callbackId);
    if (refusal) return refusal;
    this.chunks.push(...fresh);
    return { watched: this.isWatched(output.taskId) };
  };

  #refusalOf(callbackId: CallbackId): 'ended' | 'full' | undefined {
    if (this.signals.some((one) => one.callbackId === callbackId && one.kind === 'exit')) return 'ended';
    return this.full.has(callbackId) ? 'full' : undefined;
  }

  readonly recordHeartbeat = async (heartbeat: ReceivedHeartbeat): Promise<void> => {
    this.heartbeats.push(heartbeat);
  };

  readonly addTask = async (submitted: SubmittedTask): Promise<{ id: TaskId; created: boolean }> => {
    if (!SHIPPED_KINDS.some(({ kind }) => kind === submitted.kind)) {
      throw new OperationalError('TASK_KIND_UNKNOWN', {
        happened: `There is no kind of task named "${submitted.kind}"`,
        remedy: `Use one of ${SHIPPED_KINDS.map(({ kind }) => kind).join(', ')}`,
      });
    }
    const same = [...this.tasks.values()].find(
      ({ facts }) => facts.clientJobId === submitted.clientJobId && facts.createdBy === submitted.createdBy,
    );
    if (submitted.clientJobId !== undefined && same) return { id: TaskId.parse(same.facts.id), created: false };
    const task: MemoryTask = {
      facts: this.#newFacts(submitted),
      steps: [],
      logs: [],
      pieces: [],
      samples: [],
      events: [],
    };
    this.tasks.set(task.facts.id, task);
    this.onAdded(task);
    return { id: TaskId.parse(task.facts.id), created: true };
  };

  #newFacts(submitted: SubmittedTask): TaskViewFacts {
    const id = this.tasks.size + 1;
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
      createdAt: this.clock.now().toISOString(),
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

  readonly listTasks = async (filter: TaskFilter): Promise<readonly TaskSummaryFacts[]> =>
    [...this.tasks.values()]
      .map(({ facts }) => facts)
      .filter((facts) => !filter.statuses || filter.statuses.includes(facts.status))
      .filter((facts) => filter.group === undefined || facts.group === filter.group)
      .filter((facts) => filter.priority === undefined || facts.priority === filter.priority)
      .filter((facts) => filter.cause === undefined || facts.cause === filter.cause)
      .filter((facts) => filter.uuid === undefined || facts.uuid === filter.uuid)
      .filter((facts) => filter.clientJobId === undefined || facts.clientJobId === filter.clientJobId)
      .filter((facts) => filter.isPaused === undefined || facts.isPaused === filter.isPaused)
      .filter(({ createdBy, group }) => {
        const { visible } = filter;
        return !visible || createdBy === visible.createdBy || visible.groups.includes(group);
      })
      .filter(({ id }) => !filter.ids || filter.ids.some((one) => one === id))
      .filter((facts) => !filter.exits || filter.exits.includes(facts.exitStatus))
      .filter((facts) => filter.createdBy === undefined || facts.createdBy === filter.createdBy)
      .filter(({ source }) => filter.repository === undefined || source?.repository === filter.repository)
      .filter(({ source }) => filter.branch === undefined || source?.branch === filter.branch)
      .filter(({ source }) => filter.commit === undefined || source?.commit?.startsWith(filter.commit))
      .filter(({ createdAt }) => !filter.since || Date.parse(createdAt) >= filter.since.getTime())
      .filter(({ createdAt }) => !filter.until || Date.parse(createdAt) < filter.until.getTime())
      .filter(({ title }) => filter.text === undefined || title.toLowerCase().includes(filter.text.toLowerCase()))
      // A task added over HTTP has no parent.
      .filter(() => filter.parentId === undefined)
      .filter((facts) => filter.beforeId === undefined || facts.id < filter.beforeId)
      .sort((a, b) => b.id - a.id)
      .slice(0, filter.limit)
      .map(summaryOnly);

  readonly readVersions = async (endedSince: Date) => {
    const recent = [...this.tasks.values()].filter(
      ({ facts }) => facts.completedAt === null || Date.parse(facts.completedAt) >= endedSince.getTime(),
    );
    const versions = recent.map(({ facts }): [TaskId, string] => [TaskId.parse(facts.id), JSON.stringify(facts)]);
    return { at: this.clock.now(), versions: new Map(versions) };
  };

  readonly findTask = async (id: TaskId): Promise<TaskViewFacts | null> => this.tasks.get(id)?.facts ?? null;

  readonly readSteps: TaskRecordingService['readSteps'] = async (id, { after, limit }) =>
    this.#task(id)
      .steps.filter((step) => step.number > after)
      .slice(0, limit);

  readonly readLogs: TaskRecordingService['readLogs'] = async (id, { after, limit, only }) =>
    this.#task(id)
      .logs.filter((log) => log.id > after && (only === 'all' || log.userReadable))
      .slice(0, limit);

  readonly readOutputPieces: TaskRecordingService['readOutputPieces'] = async (id, { after, limit }) =>
    this.#task(id)
      .pieces.filter((piece) => piece.id > after)
      .slice(0, limit);

  readonly readOutput: TaskRecordingService['readOutput'] = async (id, { stream, offset, maxBytes }) => {
    const pieces = this.#task(id).pieces.filter((piece) => piece.stream === stream);
    const whole = Buffer.concat(pieces.map((piece) => piece.data));
    const data = whole.subarray(offset, offset + maxBytes);
    return { data, nextOffset: offset + data.length, omittedBytes: 0 };
  };

  readonly listAttempts: TaskDetailService['listAttempts'] = async (id) =>
    this.#task(id).facts.attempts.map((attempt) => ({
      ...attempt,
      taskDefinition: null,
      agentVersion: null,
      launchedAt: null,
      runningAt: null,
      enrolledAt: null,
      sshVerifiedAt: null,
      agentSeenAt: null,
      ecsWitness: { lastStatus: 'RUNNING' },
      sshWitness: { kind: 'proved' },
    }));
  readonly listUsageSamples: TaskDetailService['listUsageSamples'] = async (id, { since, limit }) =>
    this.#task(id)
      .samples.filter((sample) => since === null || new Date(sample.at) > since)
      .slice(0, limit);
  readonly listEvents: TaskDetailService['listEvents'] = async (id) => this.#task(id).events;
  readonly readSimulationScript: TaskDetailService['readSimulationScript'] = async (id) =>
    this.#task(id)
      .steps.map(({ to }) => `${to} { '' }\n`)
      .join('');

  readonly changes: TaskWatchers['changes'] = (id, abort) =>
    abortable(on(this.#changes, String(id), { signal: abort }));
  readonly tell = (id: number): void => void this.#changes.emit(String(id));

  isWatched(id: number): boolean {
    return this.#changes.listenerCount(String(id)) > 0;
  }

  /** Changes the task and notifies its watchers. */
  change(id: number, facts: Partial<TaskViewFacts>, records: Records = {}): void {
    const task = this.#task(id);
    const at = this.clock.now().toISOString();
    if (records.step !== undefined) {
      const number = task.steps.length + 1;
      const from = task.steps.at(-1)?.to ?? null;
      task.steps.push({
        number,
        from,
        value: from && 'success',
        to: records.step,
        executed: true,
        at,
        tookMs: 1,
        note: null,
      });
      facts = { state: records.step, ...facts };
    }
    if (records.log !== undefined) {
      task.logs.push({ id: task.logs.length + 1, at, level: 'INFO', message: records.log, userReadable: true });
    }
    if (records.output !== undefined) {
      const last = task.pieces.at(-1);
      const omittedBefore = records.omitted ?? 0;
      const offset = (last ? last.offset + last.data.length : 0) + omittedBefore;
      const piece = { at, attempt: 1, processId: 'build', stream: 'stdout' as const, offset, omittedBefore };
      task.pieces.push({ ...piece, id: task.pieces.length + 1, data: Buffer.from(records.output) });
    }
    task.facts = { ...task.facts, ...facts };
    this.#changes.emit(String(id));
  }

  readonly terminateTask = async (id: TaskId): Promise<void> => {
    if (this.#task(id).facts.status !== 'COMPLETE') this.change(id, { isTerminating: true });
  };

  readonly pauseTask = async (id: TaskId): Promise<'paused' | 'finished'> => {
    if (this.#task(id).facts.status === 'COMPLETE') return 'finished';
    this.change(id, { isPaused: true });
    return 'paused';
  };

  readonly resumeTask = async (id: TaskId): Promise<void> => this.change(id, { isPaused: false });

  readonly prioritiseTask = async (id: TaskId, rank: TaskRank): Promise<'prioritised' | 'finished'> => {
    if (this.#task(id).facts.status === 'COMPLETE') return 'finished';
    this.change(id, rank === 'FIRST' ? { isPrioritised: true } : { isPrioritised: false, priority: rank });
    return 'prioritised';
  };

  readonly restartTask = async (id: TaskId): Promise<'restarted' | 'not-finished'> => {
    if (this.#task(id).facts.status !== 'COMPLETE') return 'not-finished';
    this.change(id, { status: 'RESTARTED', exitStatus: 'NOT_FINISHED', exitMessage: null, completedAt: null });
    return 'restarted';
  };

  /** Ids of the keys of build files, the newest first. */
  buildKeyIds: string[] = ['key-1'];
  readonly publicKey = async (): Promise<string> => '-----BEGIN PUBLIC KEY-----\n';
  readonly publicKeys = async (): Promise<BuildKeysView> => ({
    keys: this.buildKeyIds.map((kid) => ({ kid, kty: 'EC', createdAt: null })),
  });
  readonly rotateBuildKey = async (): Promise<BuildKeysView> => {
    this.buildKeyIds.unshift(`key-${this.buildKeyIds.length + 1}`);
    return this.publicKeys();
  };
  readonly seal = (value: string): Promise<string> =>
    Promise.resolve(`sealed:${Buffer.from(value).toString('base64')}`);

  #task(id: number): MemoryTask {
    const task = this.tasks.get(id);
    if (!task) throw new Error(`the memory has no task ${id}`);
    return task;
  }
}

/** A list has less of each task than its own view. */
function summaryOnly(facts: TaskViewFacts): TaskSummaryFacts {
  const { why: _made, ...fields } = TaskSummary.shape;
  const names = new Set(Object.keys(fields));
  return Object.fromEntries(Object.entries(facts).filter(([name]) => names.has(name))) as unknown as TaskSummaryFacts;
}

/** Ends the events without an error when the signal of `on` aborts: for a watcher that is the ordinary end. */
async function* abortable(events: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* events;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  }
}
