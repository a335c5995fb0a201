import type { ContainerInterface } from '../../containers/container.ts';
import type { WaitDetail } from '../../containers/wait-reason.ts';
import { clearTransitionCount } from '../../statetable/position.ts';
import type { StateTable } from '../../statetable/table.ts';
import type { InboxRow as StoredSignal } from '../../store/tasks/begin-step.ts';
import type { TaskRow } from '../../store/schema.ts';
import { LOG_LEVEL, type AttemptView, type Bag, type ContainerLimits } from '../../tasks/context.ts';
import type { AgentAccess } from '../../tasks/agent-access.ts';
import type {
  ChildTask,
  ExitDetail,
  ExitOptions,
  Inbox,
  LivenessView,
  NewChild,
  WipContext,
  WipLogLevel,
} from '../../tasks/context.ts';
import type { TaskSettings } from '../../tasks/task-settings.ts';
import type { EffectScope } from '../../tasks/agent-access.ts';
import type { Delivery, OutgoingRequest } from '../../tasks/outgoing-request.ts';
import { singleLine } from '../../../shared/model/single-line.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import type { ContainerSession } from '../container/container-session.ts';
import type { MethodEnd } from './call-method.ts';
import type { SavedJsonView } from './saved-json-view.ts';
import type { MethodCalls } from './method-calls.ts';
import { WatchedAgent } from './watched-agent.ts';
import { WatchedContainer } from './watched-container.ts';
import { checkExit, checkLimits, checkLog, checkSignalId, checkText, checkWait } from './call-checks.ts';
import type { Children } from './create-children.ts';
import type { Deliveries } from '../../outbox/step-deliveries.ts';
import type { StepDeps } from '../engine-deps.ts';
import { secretOptionsOf } from '../task-requests.ts';
import type { TaskDraft } from './task-draft.ts';

/** Dependencies of one method call of a step. */
export interface OpenStep {
  readonly deps: StepDeps;
  readonly row: TaskRow;
  readonly draft: TaskDraft;
  readonly table: StateTable;
  /** Returns why a name is that of no state; null when it may be one. */
  readonly whyNoState: (name: string) => string | null;
  readonly inbox: readonly StoredSignal[];
  readonly session: ContainerSession;
  readonly children: Children;
  readonly deliveries: Deliveries;
  readonly now: Date;
  /** Signals that methods of this step have consumed: the draft forgets them when they are saved. */
  readonly consumed: Set<number>;
}

/** The parts of a context that belong to one call of a method. */
interface MethodParts {
  readonly end: MethodEnd;
  readonly calls: MethodCalls;
  readonly savedJson: SavedJsonView;
}

/** The context of a method of `state`. All changes by the method are in the draft until the step is saved. */
export class StepContext implements WipContext {
  readonly state: string;
  readonly #step: OpenStep;
  readonly #end: MethodEnd;
  readonly #calls: MethodCalls;
  readonly #savedJson: SavedJsonView;

  constructor(step: OpenStep, state: string, { end, calls, savedJson }: MethodParts) {
    this.#step = step;
    this.state = state;
    this.#end = end;
    this.#calls = calls;
    this.#savedJson = savedJson;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get taskId(): number {
    return this.#step.row.id;
  }

  get taskUuid(): string {
    return this.#step.row.uuid;
  }

  get entry(): number {
    return this.#step.draft.position.entry;
  }

  get memory(): Bag {
    return this.#savedJson.of(this.#step.draft.openMemory(), 'memory');
  }

  get now(): Date {
    return this.#step.now;
  }

  get settings(): TaskSettings {
    return this.#step.deps.settings;
  }

  get agent(): AgentAccess {
    return new WatchedAgent(this.#step.session.agent, this.#calls);
  }

  get exited(): ExitDetail | null {
    const { exit } = this.#step.draft;
    return exit.status === 'NOT_FINISHED' && exit.message === '' ? null : exit;
  }

  get bag(): Bag {
    return this.bagOf(this.state);
  }

  bagOf(state: string): Bag {
    checkText('bagOf(state)', state);
    if (!this.#calls.isOver) this.#checkState('bagOf(state)', state);
    const { draft } = this.#step;
    // Leftover code of an ended method only reads the bag, without opening it for writes.
    const bag = this.#calls.isOver ? draft.readBag(state) : draft.openBag(state);
    return this.#savedJson.of(bag, state === this.state ? 'bag' : `bagOf(${JSON.stringify(state)})`);
  }

  linkContext(other: string): void {
    checkText('linkContext(state)', other);
    this.#calls.refuseLate(`linkContext("${other}")`);
    this.#checkState('linkContext(state)', other);
    const replaced = this.#step.draft.linkContext(other, this.state);
    if (replaced)
      this.#savedJson.invalidate(
        replaced,
        `into a bag that linkContext("${other}") has joined with another: get it anew`,
      );
  }

  /** A bag or a counter of a state that is misspelt would be empty, and nobody would notice. */
  #checkState(call: string, state: string): void {
    const why = this.#step.whyNoState(state);
    if (why !== null) throw new TypeError(`${call}: ${why}`);
  }

  get inbox(): Inbox {
    const { inbox, draft, consumed } = this.#step;
    return {
      all: () =>
        inbox
          .filter(({ id }) => !consumed.has(id))
          .map(({ id, body, receivedAt }) => ({ id: String(id), signal: body, receivedAt })),
      consume: (id) => {
        checkSignalId(id);
        this.#calls.refuseLate(`inbox.consume("${id}")`);
        consumed.add(Number(id));
        draft.consumed.push(Number(id));
      },
    };
  }

  get attempt(): AttemptView | null {
    return this.#step.session.view();
  }

  clearTransitionCount(state: string, value: string): boolean {
    checkText('clearTransitionCount(state, value)', state);
    checkText('clearTransitionCount(state, value)', value);
    this.#calls.refuseLate(`clearTransitionCount("${state}", "${value}")`);
    this.#checkState('clearTransitionCount(state, value)', state);
    const { draft, table } = this.#step;
    const { position, cleared } = clearTransitionCount(draft.position, table, state, value);
    draft.position = position;
    return cleared;
  }

  log(level: WipLogLevel, message: string, { userReadable = false }: { userReadable?: boolean } = {}): void {
    checkLog(level, message);
    this.#calls.refuseLate(`log("${level}", …)`);
    this.#step.draft.log(LOG_LEVEL[level], message, userReadable === true);
  }

  waitsFor(clause: string, detail?: WaitDetail): void {
    checkWait(clause, detail);
    this.#calls.refuseLate('waitsFor()');
    this.#step.draft.wait = { clause: singleLine(clause), detail: detail ?? null };
  }

  exit(status: ExitStatus, message: string, options: ExitOptions = {}): void {
    checkExit(status, message, options);
    this.#calls.refuseLate(`exit("${status}")`);
    this.#step.draft.exit = { ...options, status, message };
  }

  addTask(name: string, task: NewChild, scope: EffectScope = 'entry'): Promise<number> {
    return this.#calls.effect(`addTask("${name}")`, () => this.#step.children.add(name, task, scope));
  }

  children(): Promise<readonly ChildTask[]> {
    return this.#calls.read(() => this.#step.children.list());
  }

  deliver(name: string, request: OutgoingRequest, scope: EffectScope = 'entry'): Promise<Delivery> {
    return this.#calls.effect(`deliver("${name}")`, () => this.#step.deliveries.deliver(name, request, scope));
  }

  delivery(name: string, scope: EffectScope = 'entry'): Promise<Delivery | null> {
    return this.#calls.read(() => this.#step.deliveries.delivery(name, scope));
  }

  newContainer(limits: ContainerLimits): ContainerInterface {
    checkLimits(limits);
    return new WatchedContainer(this.#step.session.newContainer(limits), this.#calls);
  }

  container(): ContainerInterface | null {
    const container = this.#step.session.container();
    return container && new WatchedContainer(container, this.#calls);
  }

  liveness(): Promise<LivenessView> {
    return this.#calls.read(() => this.#step.session.liveness());
  }

  secretOption(name: string): unknown {
    return secretOptionsOf(this.#step.deps, this.#step.row)(name);
  }

  decryptBuildValue(text: string): Promise<string> {
    checkText('decryptBuildValue(text)', text);
    return this.#calls.read(() => this.#step.deps.decryptBuildValue(text));
  }
}
