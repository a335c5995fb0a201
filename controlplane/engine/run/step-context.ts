import { CLASS_ID, ExitSignal, OutputSignal, ReadySignal } from '../../../shared/protocol/signals.ts';
import { openSealed } from '../../../shared/support/sealing.ts';
import type { ContainerInterface } from '../../containers/container.ts';
import { bagOf, linkContext, ownerOf, saveBag } from '../../statetable/contexts.ts';
import { clearTransitionCount } from '../../statetable/position.ts';
import type { StateTable } from '../../statetable/table.ts';
import type { InboxSignal as StoredSignal } from '../../store/tasks/begin-step.ts';
import type { TaskRow } from '../../store/schema.ts';
import { LOG_LEVEL, type AgentAccess, type AttemptView, type Bag, type ContainerLimits } from '../../tasks/context.ts';
import type {
  ChildTask,
  Delivery,
  EffectScope,
  ExitDetail,
  Inbox,
  LivenessView,
  NewChild,
  OutgoingRequest,
  TaskSettings,
  WipContext,
  WipLogLevel,
} from '../../tasks/context.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import type { CurrentContainer } from '../container/current-container.ts';
import type { Children } from './children.ts';
import type { Deliveries } from '../../outbox/step-deliveries.ts';
import type { EngineWorld } from '../engine-world.ts';
import { optionPlace } from '../prepare-task.ts';
import type { TaskDraft } from './task-draft.ts';

/** Signals of the current attempt that say what became of its container, whether consumed or not. */
export interface AttemptFacts {
  readonly ready: ReadySignal | null;
  readonly output: OutputSignal | null;
  readonly exit: ExitSignal | null;
}

export function factsOf(signals: readonly { readonly classId: string; readonly body: unknown }[]): AttemptFacts {
  const body = (classId: string): unknown => signals.find((signal) => signal.classId === classId)?.body;
  return {
    ready: ReadySignal.safeParse(body(CLASS_ID.ready)).data ?? null,
    output: OutputSignal.safeParse(body(CLASS_ID.output)).data ?? null,
    exit: ExitSignal.safeParse(body(CLASS_ID.exit)).data ?? null,
  };
}

/** What one method call of a step is given to work with. */
export interface StepWorld {
  readonly engine: EngineWorld;
  readonly row: TaskRow;
  readonly draft: TaskDraft;
  readonly table: StateTable;
  readonly inbox: readonly StoredSignal[];
  readonly facts: AttemptFacts;
  readonly container: CurrentContainer;
  readonly agent: AgentAccess;
  readonly children: Children;
  readonly deliveries: Deliveries;
  readonly now: Date;
}

/** The world as a method of `state` meets it; everything it changes is in the draft until the step is saved. */
export class StepContext implements WipContext {
  readonly state: string;
  readonly signal: AbortSignal;
  readonly #world: StepWorld;

  constructor(world: StepWorld, state: string, signal: AbortSignal) {
    this.#world = world;
    this.state = state;
    this.signal = signal;
  }

  get taskId(): number {
    return this.#world.row.id;
  }

  get taskUuid(): string {
    return this.#world.row.uuid;
  }

  get entry(): number {
    return this.#world.draft.position.entry;
  }

  get memory(): Bag {
    return this.#world.draft.memory;
  }

  get now(): Date {
    return this.#world.now;
  }

  get settings(): TaskSettings {
    return this.#world.engine.settings;
  }

  get agent(): AgentAccess {
    return this.#world.agent;
  }

  get exited(): ExitDetail | null {
    const { exit } = this.#world.draft;
    return exit.status === 'NOT_FINISHED' && exit.message === '' ? null : exit;
  }

  get bag(): Bag {
    return this.bagOf(this.state);
  }

  /** Methods write into their bag, so the draft gets one that is theirs to change. */
  bagOf(state: string): Bag {
    const { draft } = this.#world;
    const owner = ownerOf(draft.contexts, state);
    if (!Object.hasOwn(draft.contexts.bags, owner)) draft.contexts = saveBag(draft.contexts, owner, {});
    return bagOf(draft.contexts, owner) as Bag;
  }

  linkContext(other: string): void {
    const { draft } = this.#world;
    draft.contexts = linkContext(draft.contexts, other, this.state);
  }

  get inbox(): Inbox {
    const { inbox, draft } = this.#world;
    return {
      all: () =>
        inbox
          .filter(({ id }) => !draft.consumed.includes(id))
          .map(({ id, body, receivedAt }) => ({ id: String(id), signal: body, receivedAt })),
      consume: (id) => void draft.consumed.push(Number(id)),
    };
  }

  get attempt(): AttemptView | null {
    return attemptView(this.#world);
  }

  clearTransitionCount(state: string, value: string): boolean {
    const { draft, table } = this.#world;
    const { position, cleared } = clearTransitionCount(draft.position, table, state, value);
    draft.position = position;
    return cleared;
  }

  log(level: WipLogLevel, message: string, { userReadable = false }: { userReadable?: boolean } = {}): void {
    this.#world.draft.log(LOG_LEVEL[level], message, userReadable);
  }

  waitsFor(clause: string): void {
    this.#world.draft.waitsFor = clause;
  }

  exit(status: ExitStatus, message: string, { detail, cause }: { detail?: string; cause?: string } = {}): void {
    this.#world.draft.exit = {
      status,
      message,
      ...(detail === undefined ? {} : { detail }),
      ...(cause === undefined ? {} : { cause }),
    };
  }

  addTask(name: string, task: NewChild, scope: EffectScope = 'entry'): Promise<number> {
    return this.#world.children.add(name, task, scope);
  }

  children(): Promise<readonly ChildTask[]> {
    return this.#world.children.list();
  }

  deliver(name: string, request: OutgoingRequest, scope: EffectScope = 'entry'): Promise<Delivery> {
    return this.#world.deliveries.deliver(name, request, scope);
  }

  delivery(name: string, scope: EffectScope = 'entry'): Promise<Delivery | null> {
    return this.#world.deliveries.delivery(name, scope);
  }

  newContainer(limits: ContainerLimits): ContainerInterface {
    return this.#world.container.create(limits);
  }

  container(): ContainerInterface | null {
    return this.#world.container.current();
  }

  liveness(): Promise<LivenessView> {
    return this.#world.container.liveness();
  }

  secretOption(name: string): unknown {
    const sealed = this.#world.row.options[name];
    if (typeof sealed !== 'string') return undefined;
    const text = openSealed(this.#world.engine.masterKey, sealed, optionPlace(this.taskUuid, name));
    return JSON.parse(text) as unknown;
  }

  decryptBuildValue(text: string): string {
    return this.#world.engine.decryptBuildValue(text);
  }
}

export function attemptView({ container, facts }: Pick<StepWorld, 'container' | 'facts'>): AttemptView | null {
  const { attempt } = container;
  if (!attempt) return null;
  return { number: attempt.number, ...facts, verified: attempt.sshVerifiedAt !== null };
}
