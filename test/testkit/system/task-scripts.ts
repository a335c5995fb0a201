import type { Db } from '../../../controlplane/store/schema.ts';
import type { AttemptUuid, TaskId } from '../../../shared/model/ids.ts';
import {
  AgentScript,
  parseAgentContainer,
  parseAgentSignals,
  refusePartsByValue,
  scriptOfStart,
  type AgentContainer,
} from '../agent/agent-script.ts';
import { SignalRules, type SignalProcess } from '../agent/signal-rules.ts';
import type { ProcessPlace } from '../agent/simulated-process.ts';
import type { ProcessScript } from '../process-script.ts';
import type { StartedProcess } from '../started-wip.ts';
import { messageOf } from '../../../shared/model/error.ts';
import { parseGiven } from '../parse-given.ts';
import { TestkitError } from '../testkit-error.ts';
import { untilEntered } from './watch-states.ts';

// What a request with a wrong signature is answered with.
const FORGED_REFUSED = 401;

/** A container or process whose task is known. */
interface Owner {
  readonly taskId: TaskId;
  readonly clientJobId: string | null;
  readonly parentId: TaskId | null;
}

const OWNER = ['task.id as taskId', 'task.clientJobId', 'task.parentId'] as const;

/** Finds the script of a container or process: that of its task, or the one for all tasks. */
export class TaskScripts {
  /** Processes that were started, in order. */
  readonly started: StartedProcess[] = [];
  forgedSignals = 0;
  /** The first mistake in a script that came to light while a task ran. */
  problem: TestkitError | null = null;
  readonly #db: Db;
  readonly #common: AgentScript;
  readonly #own = new Map<string, AgentScript>();
  readonly #byKey = new Map<string, SignalProcess>();

  constructor(db: Db, common: AgentScript) {
    this.#db = db;
    this.#common = common;
  }

  /** Gives the task with this id of its submitter a script of its own. */
  set(clientJobId: string, script: AgentScript): void {
    checkAgentScript(script);
    this.#own.set(clientJobId, script);
  }

  /** Returns how a container goes. Its enrolment token begins with the id of its attempt. */
  async containerOf(environment: Readonly<Record<string, string>>): Promise<AgentContainer> {
    const attempt = await this.#attemptOf(environment);
    const { container = {}, containers = [] } = attempt ? await this.#scriptOf(attempt) : this.#common;
    return parseAgentContainer({ ...container, ...containers[(attempt?.number ?? 1) - 1] });
  }

  /** Returns what happens to the signals of a container. */
  async signalsOf(environment: Readonly<Record<string, string>>): Promise<SignalRules> {
    const attempt = await this.#attemptOf(environment);
    const rules = parseAgentSignals((attempt ? await this.#scriptOf(attempt) : this.#common).signals);
    const own = rules.filter((rule) => rule.attempt === undefined || rule.attempt === attempt?.number);
    return new SignalRules(own, (key) => this.#byKey.get(key));
  }

  /** Waits until the task of a container has entered a state since its launch. */
  async untilEntered(
    environment: Readonly<Record<string, string>>,
    state: string,
    abort: AbortSignal,
  ): Promise<'entered' | 'over'> {
    const attempt = await this.#attemptOf(environment);
    if (!attempt) return 'over';
    return untilEntered(this.#db, { task: attempt.taskId, state, since: attempt.createdAt }, abort);
  }

  /** Keeps the first mistake, which each `until` throws. */
  noteProblem(error: unknown): void {
    this.problem ??= new TestkitError(messageOf(error));
  }

  /** A forged signal that is accepted is a fault of the control plane, which each test hears of. */
  noteForged(status: number): void {
    this.forgedSignals += 1;
    if (status === FORGED_REFUSED) return;
    this.problem ??= new TestkitError(`A signal with a wrong signature was answered with the status ${status}`);
  }

  async #attemptOf(
    environment: Readonly<Record<string, string>>,
  ): Promise<(Owner & { number: number; createdAt: Date }) | undefined> {
    const uuid = (environment['WIP_ENROL'] ?? '').split('.')[0] as AttemptUuid;
    return this.#db
      .selectFrom('containerAttempt')
      .innerJoin('task', 'task.id', 'containerAttempt.taskId')
      .select(['containerAttempt.number', 'containerAttempt.createdAt', ...OWNER])
      .where('containerAttempt.uuid', '=', uuid)
      .executeTakeFirst();
  }

  /** Returns how a process goes. Its key is that of the effect that started it. */
  async processOf({ key }: Pick<ProcessPlace, 'key'>): Promise<ProcessScript> {
    const row = await this.#db
      .selectFrom('effect')
      .innerJoin('task', 'task.id', 'effect.taskId')
      .select(['effect.name', 'task.entering', 'task.state', ...OWNER])
      .where('effect.key', '=', key)
      .executeTakeFirst();
    if (!row) return {};
    const { taskId, name } = row;
    // A process is started by the method of the state that is being entered.
    const state = row.entering ?? row.state ?? name;
    this.started.push({ taskId, name, state });
    this.#byKey.set(key, { name, state });
    const start = this.started.filter((one) => one.taskId === taskId && one.name === name).length;
    const { processes = {}, strict = false } = await this.#scriptOf(row);
    const scripts = processes[name] ?? processes[state];
    if (scripts) return scriptOfStart(scripts, start);
    if (!strict) return {};
    const names = Object.keys(processes).join(', ') || 'none';
    this.problem ??= new TestkitError(
      `processes: task ${taskId} started "${name}" in the state ${state}, which the strict script does not name; it names ${names}`,
    );
    throw this.problem;
  }

  /** Returns the script of the task, else that of the task which added it, else the common one. */
  async #scriptOf({ clientJobId, parentId }: Owner): Promise<AgentScript> {
    const own = clientJobId === null ? undefined : this.#own.get(clientJobId);
    if (own) return own;
    if (parentId === null) return this.#common;
    const parent = await this.#db.selectFrom('task').select(OWNER).where('task.id', '=', parentId).executeTakeFirst();
    return parent ? this.#scriptOf(parent) : this.#common;
  }
}

/** Throws for a script that is wrong, before any task meets it. */
export function checkAgentScript(script: AgentScript): void {
  refusePartsByValue(script);
  parseGiven('The script of the agents is', AgentScript, script);
  parseAgentSignals(script.signals);
  for (const container of [script.container, ...(script.containers ?? [])]) parseAgentContainer(container ?? {});
}
