import type {
  ContainerAddress,
  ContainerInterface,
  EcsSnapshot,
  LaunchOutcome,
} from '../../controlplane/containers/container.ts';
import type { WaitDetail } from '../../controlplane/containers/wait-reason.ts';
import type {
  AgentAccess,
  AttemptView,
  Bag,
  ChildTask,
  ContainerLimits,
  Delivery,
  ExitDetail,
  InboxSignal,
  LivenessView,
  NewChild,
  OutgoingRequest,
} from '../../controlplane/tasks/context.ts';
import type { SshOutcome, TaskSettings, WipContext, WipLogLevel } from '../../controlplane/tasks/context.ts';
import type { ExitStatus } from '../../shared/model/status.ts';
import { checkOverride, type ContainerOverride } from '../../shared/protocol/overrides.ts';
import type { Health, ProcessStatus, StartProcess } from '../../shared/protocol/agent-api.ts';
import type { Signal } from '../../shared/protocol/signals.ts';
import { TEST_SETTINGS } from './engine.ts';

const RUNNING: LivenessView = { verdict: 'running', sentence: 'It runs.', cause: null, retry: null };
const REFUSED = { kind: 'ssh-failed', code: 'SSH_REFUSED', message: 'The port is closed.', retryable: true } as const;

/** A container with scripted outcomes that records all calls. */
class ScriptedContainer implements ContainerInterface {
  outcome: LaunchOutcome = { kind: 'launched', arn: 'arn:aws:ecs:local:0:task/default/1' };
  place: ContainerAddress | null = { host: '127.0.0.1', port: 49_153 };
  isStopped = false;
  readonly killedFor: string[] = [];
  readonly #overrides: ContainerOverride[] = [];

  addContainerOverride(key: string, value: string, secure = false): void {
    checkOverride({ key, value, secure });
    this.#overrides.push({ key, value, secure });
  }
  overrides(): readonly ContainerOverride[] {
    return this.#overrides;
  }
  run(): Promise<LaunchOutcome> {
    return Promise.resolve(this.outcome);
  }
  status(): Promise<EcsSnapshot> {
    return Promise.resolve({ kind: 'missing', at: new Date(0).toISOString() });
  }
  nextStatus(): Promise<null> {
    return Promise.resolve(null);
  }
  hasStarted(): Promise<boolean> {
    return Promise.resolve(true);
  }
  hasStopped(): Promise<boolean> {
    return Promise.resolve(this.isStopped);
  }
  launchFailed(): Promise<boolean> {
    return Promise.resolve(false);
  }
  address(): Promise<ContainerAddress | null> {
    return Promise.resolve(this.place);
  }
  kill(reason: string): Promise<void> {
    this.killedFor.push(reason);
    return Promise.resolve();
  }
}

/** The context of a task without an engine: the test sets every value, and time stands still. */
export class FakeContext implements WipContext {
  readonly taskId = 1;
  readonly taskUuid = '00000000-0000-4000-8000-000000000001';
  state = 'start';
  entry = 1;
  readonly bags: Record<string, Bag> = {};
  readonly memory: Bag = {};
  attempt: AttemptView | null = null;
  now = new Date('2026-11-22T12:00:00Z');
  readonly signal = new AbortController().signal;
  settings: TaskSettings = TEST_SETTINGS;
  exited: ExitDetail | null = null;
  view: LivenessView = RUNNING;
  readonly scripted = new ScriptedContainer();
  hasContainer = true;
  /** The last clause of waitsFor, and what came with it. */
  waiting: string | null = null;
  waitDetail: WaitDetail | null = null;
  readonly logs: { level: WipLogLevel; message: string; userReadable: boolean }[] = [];
  readonly cleared: string[] = [];
  readonly secrets: Record<string, unknown> = {};
  /** Limits of each container that was asked for. */
  readonly limits: ContainerLimits[] = [];
  readonly files: { path: string; content: string; mode: string }[] = [];
  readonly started: { name: string; body: StartProcess }[] = [];
  readonly added: { name: string; task: NewChild }[] = [];
  childTasks: readonly ChildTask[] = [];
  readonly delivered: { name: string; request: OutgoingRequest }[] = [];
  /** Outcomes of requests, by their names. */
  readonly deliveries: Record<string, Delivery> = {};
  /** Answers of the agent. Connections are refused until the test sets one. */
  answers: {
    health?: SshOutcome<Health>;
    start?: SshOutcome<ProcessStatus>;
    status?: SshOutcome<ProcessStatus>;
    write?: SshOutcome<void>;
    shutdown?: SshOutcome<void>;
    output?: SshOutcome<string>;
    file?: SshOutcome<string>;
  } = {};
  #inbox: InboxSignal[] = [];

  get bag(): Bag {
    return this.bagOf(this.state);
  }
  bagOf(state: string): Bag {
    return (this.bags[state] ??= {});
  }
  linkContext(other: string): void {
    this.bags[other] = this.bag;
  }
  receive(signal: Signal): void {
    this.#inbox.push({ id: String(this.#inbox.length + 1), signal, receivedAt: this.now });
  }
  get inbox(): WipContext['inbox'] {
    return {
      all: () => this.#inbox,
      consume: (id) => void (this.#inbox = this.#inbox.filter((signal) => signal.id !== id)),
    };
  }
  addTask(name: string, task: NewChild): Promise<number> {
    this.added.push({ name, task });
    return Promise.resolve(this.added.length);
  }
  children(): Promise<readonly ChildTask[]> {
    return Promise.resolve(this.childTasks);
  }
  deliver(name: string, request: OutgoingRequest): Promise<Delivery> {
    this.delivered.push({ name, request });
    return Promise.resolve(this.deliveries[name] ?? { kind: 'under-way', tries: 0, lastError: null });
  }
  delivery(name: string): Promise<Delivery | null> {
    return Promise.resolve(this.deliveries[name] ?? null);
  }
  clearTransitionCount(state: string, value: string): boolean {
    this.cleared.push(`${state} ${value}`);
    return true;
  }
  log(level: WipLogLevel, message: string, { userReadable = false }: { userReadable?: boolean } = {}): void {
    this.logs.push({ level, message, userReadable });
  }
  waitsFor(clause: string, detail?: WaitDetail): void {
    this.waiting = clause;
    this.waitDetail = detail ?? null;
  }
  exit(status: ExitStatus, message: string, rest: { detail?: string; cause?: string } = {}): void {
    this.exited = { status, message, ...rest };
  }
  newContainer(limits: ContainerLimits): ContainerInterface {
    this.limits.push(limits);
    return this.scripted;
  }
  container(): ContainerInterface | null {
    return this.hasContainer ? this.scripted : null;
  }
  liveness(): Promise<LivenessView> {
    return Promise.resolve(this.view);
  }
  secretOption(name: string): unknown {
    return this.secrets[name];
  }
  decryptBuildValue(text: string): Promise<string> {
    return Promise.resolve(`opened ${text}`);
  }
  passSeconds(seconds: number): void {
    this.now = new Date(this.now.getTime() + seconds * 1000);
  }

  get agent(): AgentAccess {
    return {
      verify: () => Promise.resolve(this.answers.health ?? REFUSED),
      health: () => Promise.resolve(this.answers.health ?? REFUSED),
      startProcess: (name, body) => {
        this.started.push({ name, body });
        return Promise.resolve(this.answers.start ?? REFUSED);
      },
      processStatus: () => Promise.resolve(this.answers.status ?? REFUSED),
      outputTail: () => Promise.resolve(this.answers.output ?? REFUSED),
      output: () => Promise.resolve(this.answers.output ?? REFUSED),
      writeFile: (file) => {
        this.files.push(file);
        return Promise.resolve(this.answers.write ?? { kind: 'ok', value: undefined });
      },
      readFile: () => Promise.resolve(this.answers.file ?? REFUSED),
      shutdown: () => Promise.resolve(this.answers.shutdown ?? { kind: 'ok', value: undefined }),
    };
  }
}

/** Returns a process in the agent's form. */
export function processStatus(changes: Partial<ProcessStatus> = {}): ProcessStatus {
  const stream = { bytes: 0, omitted: 0 };
  return {
    processId: 'p1',
    state: 'running',
    pid: 7,
    startTime: 0,
    streams: { stdout: stream, stderr: stream },
    progress: 1,
    secondsSinceProgress: 0,
    noProgress: false,
    ...changes,
  };
}

export function exited(
  exitCode: number | null,
  reason: NonNullable<ProcessStatus['result']>['reason'] = 'exited',
): ProcessStatus {
  return processStatus({ state: 'exited', result: { exitCode, signal: null, reason, endTime: 0 } });
}
