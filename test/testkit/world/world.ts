import { NO_FAULTS, type StepDeps } from '../../../controlplane/engine/engine-deps.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { EXIT_STATUS, TASK_STATUS } from '../../../shared/model/status.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import type { Next, SavedStep } from '../../../controlplane/store/tasks/save-step.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import type { TaskSettings } from '../../../controlplane/tasks/task-settings.ts';
import { MemoryRecord } from '../record/memory-record.ts';
import { memoryStepStore } from '../record/memory-step-store.ts';
import type { ParsedContainer, ParsedScript } from '../script.ts';
import type { RunWait } from '../simulated-run.ts';
import { whyReceiverRefused } from '../../../shared/repository/repository-hosts.ts';
import { requestOf } from '../request-of.ts';
import { PLAIN_SEALER } from './plain-sealer.ts';
import { deterministicIdentities } from './deterministic-identities.ts';
import { Interactions } from './interactions.ts';
import { MethodTime } from './method-time.ts';
import { Outbox } from './outbox.ts';
import { ScriptParts } from './script-parts.ts';
import { ScriptedAgent, type AgentCall } from './scripted-agent.ts';
import { ScriptedContainer, type ContainerLaunch, type ContainerPort } from './scripted-container.ts';
import { ScriptedEcs } from './scripted-ecs.ts';
import { ScriptedProcess } from './scripted-process.ts';
import { SignalLane } from './signal-lane.ts';
import { sshFailure } from './ssh-failure.ts';
import { UNOBSERVED } from './unobserved.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface WorldOptions {
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly settings: TaskSettings;
  readonly decryptBuildValue: (text: string) => Promise<string>;
  readonly start: Date;
}

const INSTALLATION = '0';
// Defaults of the control plane's configuration.
const HEARTBEAT_SECONDS = 30;
export const LEASE_SECONDS = 30;
const METHOD_SECONDS = 30;

/** Logs of the node itself are for operators; those of the task are in the record. */
const SILENT_LOG = { error: ignore, warn: ignore, info: ignore, debug: ignore };

function ignore(): void {}

/** Everything outside of one task, in virtual time and by the script: record, ECS, containers, agents, receivers. */
export class World {
  readonly clock: VirtualClock;
  readonly record: MemoryRecord;
  readonly ecs: ScriptedEcs;
  readonly outbox: Outbox;
  readonly interactions: Interactions;
  readonly agents: ScriptedAgent[] = [];
  readonly deps: StepDeps;
  readonly methodTime: MethodTime;
  readonly childNames = new Map<TaskId, string>();
  readonly parts: ScriptParts;
  /** The states that the task was in, in order. Self loops without a run of the method are left out. */
  readonly visited: string[] = [];
  readonly waits: RunWait[] = [];
  /** Called when the task enters a state, before its method runs. */
  onEntering: (state: string) => void = () => undefined;
  onSaved: () => void = () => undefined;
  /** The node dies where this throws. */
  failpoint: StepDeps['failpoint'] = NO_FAULTS;
  task: TaskId | null = null;
  readonly #script: ParsedScript;
  readonly #lane: SignalLane;

  constructor(script: ParsedScript, options: WorldOptions) {
    this.#script = script;
    this.parts = new ScriptParts(script);
    this.clock = new VirtualClock(options.start);
    this.record = new MemoryRecord({
      now: () => this.clock.now(),
      nodesDie: script.takeovers.length > 0,
      lastReportOf: (attempt) => this.#lastReport(attempt),
      onSaved: (id, step) => this.#saved(id, step),
      onRequest: (effect) => this.outbox.plan(effect),
      onChildAdded: (child, name) => this.#startChild(child, name),
    });
    this.methodTime = new MethodTime(this.clock);
    this.outbox = new Outbox({
      record: this.record,
      clock: this.clock,
      answers: script.deliveries,
      whyForbidden: (effect) => whyReceiverRefused(options.settings.outgoingHosts, requestOf(effect).url),
    });
    this.interactions = new Interactions(script.interactions);
    this.#lane = new SignalLane(script.signals, this, (index) => this.parts.used.add(`signals.${index}`));
    this.ecs = new ScriptedEcs({
      clock: this.clock,
      installationId: INSTALLATION,
      scriptOf: (attempt) => this.parts.container(attempt),
      start: (launch, containerScript) => this.#startContainer(launch, containerScript),
    });
    this.deps = this.#stepDeps(options);
  }

  #stepDeps(options: WorldOptions): StepDeps {
    return {
      store: memoryStepStore(this.record, () => this.clock.now()),
      identities: deterministicIdentities(),
      kinds: options.kinds,
      clusters: this.ecs.clusters(),
      agents: {
        connect: (attempt, endpoint) => this.#agentOf(attempt).connect(endpoint),
        drop: () => Promise.resolve(),
      },
      readHostKey: () => Promise.reject(new Error('a simulated container has an agent, which enrols')),
      settings: options.settings,
      sealer: PLAIN_SEALER,
      installationId: INSTALLATION,
      publicUrl: () => 'https://simulated.invalid',
      decryptBuildValue: options.decryptBuildValue,
      node: 'simulated',
      leaseSeconds: LEASE_SECONDS,
      maxRunSeconds: this.#script.maxRunTime,
      methodSeconds: METHOD_SECONDS,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      clock: this.clock,
      withinTime: (work, limit) => this.methodTime.within(work, limit.limitMs),
      unhandledFound: null,
      log: SILENT_LOG,
      notifyNodes: () => undefined,
      observer: UNOBSERVED,
      traceparentOf: () => null,
      failpoint: (name, where = '') => {
        if (name === 'after-state') this.#endContainers(where, 'after-method');
        return this.failpoint(name, where);
      },
    };
  }

  /** Returns the state that the task is entering, or else is in. */
  get state(): string {
    if (this.task === null) return '';
    const { row } = this.record.task(this.task);
    return row.entering ?? row.state ?? '';
  }

  #saved(id: TaskId, step: SavedStep): void {
    if (id !== this.task) return;
    this.onSaved();
    for (const { executed, fromState, state } of step.steps ?? []) {
      if (!executed && fromState !== state) this.visited.push(state);
    }
    if (step.next.kind === 'wait' || step.next.kind === 'wait-on') this.#noteWait(step.next);
    if (step.next.kind !== 'entering') return;
    const { state } = step.next;
    this.visited.push(state);
    this.#endContainers(state, 'before-method');
    this.onEntering(state);
  }

  #endContainers(state: string, when: NonNullable<ParsedContainer['end']>['when']): void {
    for (const container of this.ecs.containers) {
      const { end } = container.script;
      if (end?.at === state && end.when === when) container.end(end);
    }
  }

  #noteWait({ waitsFor: because = null, waitReason: reason = null }: Extract<Next, { isCutBySignals: boolean }>): void {
    const { row } = this.record.task(this.task!);
    const seconds = (row.wakeAt.getTime() - this.clock.nowMs) / 1000;
    this.waits.push({ state: row.state ?? '', atSeconds: this.clock.seconds(), seconds, because, reason });
  }

  #lastReport(attempt: AttemptRow): Date | null {
    const container = this.containerOf(attempt.uuid);
    const ms = container?.lastHeartbeatMs(HEARTBEAT_SECONDS) ?? null;
    return ms === null ? null : new Date(ms);
  }

  containerOf(attemptUuid: string): ScriptedContainer | undefined {
    return this.ecs.containers.find(({ launch }) => launch.attemptUuid === attemptUuid);
  }

  #startContainer(launch: ContainerLaunch, script: ParsedContainer): ScriptedContainer {
    const attempt = this.#attemptOf(launch.attemptUuid);
    const port: ContainerPort = {
      clock: this.clock,
      enrol: (hostKey) => this.record.enrol(attempt.id, hostKey),
      enrolAgain: () => this.record.noteReuse(attempt.id),
      send: (signal) => this.#lane.send(container, attempt, signal),
    };
    const container: ScriptedContainer = new ScriptedContainer(launch, script, port);
    const agent: ScriptedAgent = new ScriptedAgent(container, {
      clock: this.clock,
      state: () => this.state,
      interact: (call, answer) => this.#interact(agent, call, answer),
      startProcess: (...[where, key, body]) => {
        const { name, state } = this.record.effects.stored(key);
        const processScript = this.parts.process(name, state);
        const process = new ScriptedProcess({ key, name, state, body }, processScript, {
          clock: this.clock,
          skewSeconds: script.clockSkew,
          index: where.processes.length,
          onEnd: () => {
            agent.putFiles(processScript.files);
            where.processEnded(process);
          },
        });
        where.processes.push(process);
        return process;
      },
    });
    this.agents.push(agent);
    return container;
  }

  #attemptOf(uuid: string): AttemptRow {
    const attempt = this.record.attempts.find(this.task!, (row) => row.uuid === uuid);
    if (!attempt) throw new Error(`container attempt ${uuid} is not in the record`);
    return attempt;
  }

  #agentOf(attemptUuid: string): ScriptedAgent {
    const agent = this.agents.find(({ container }) => container.launch.attemptUuid === attemptUuid);
    if (!agent) throw sshFailure('refused');
    return agent;
  }

  #interact<T>(agent: ScriptedAgent, call: AgentCall, answer: () => T): T {
    const fault = this.interactions.next(call, this.state);
    if (fault?.kind === 'refused') throw fault.error;
    if (fault?.isDone) answer();
    if (fault) throw agent.failed(fault.failure);
    return answer();
  }

  #startChild(child: TaskId, name: string): void {
    this.childNames.set(child, name);
    const { endsAfter, exitStatus, exitMessage, cause } = this.parts.child(name);
    const { row } = this.record.task(child);
    row.status = TASK_STATUS.PROCESSING;
    if (endsAfter === 'never') return;
    this.clock.at(this.clock.nowMs + endsAfter * 1000, () => {
      const end = { status: TASK_STATUS.COMPLETE, exitStatus: EXIT_STATUS[exitStatus], exitMessage, cause };
      Object.assign(row, end, { completedAt: this.clock.now() });
      this.record.wake(this.task!, 'by-signal');
    });
  }
}
