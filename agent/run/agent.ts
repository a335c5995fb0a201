import { assertNever } from '../../shared/model/assert-never.ts';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { Log } from '../../shared/system/log.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import {
  decideLifecycle,
  FIRST_STATE,
  type Lifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
} from '../lifecycle/decide-lifecycle.ts';
import { EX_CONFIG, EX_NOPERM } from '../lifecycle/exit-codes.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { SecretPatterns } from '../process/secrets/masker.ts';
import { announceReady } from './announce-ready.ts';
import { buildComponents, type AgentComponents } from './agent-components.ts';
import type { AgentDeps } from './agent-deps.ts';
import { createAgentEvents } from './agent-events.ts';
import { bootAgent } from './boot-agent.ts';
import { closeConnections, NOT_CONNECTED, type AgentEnrolment, type Connections } from './connections.ts';
import { drainOutput, reportEnd, takeStopSnapshot, type StopSnapshot } from './end-report.ts';
import { ProcessReports } from './process-reports.ts';
import { limitRequests, startBudget, waitForEnrolment, type BudgetDeps } from './stop-budget.ts';
import { cleanUp, sweepIfAlone } from './shutdown-cleanup.ts';

/**
 * One agent from its first statement to its exit code: the edges put together, and the lifecycle's effects carried out.
 */
export class Agent {
  readonly #deps: AgentDeps;
  readonly #components: AgentComponents;
  readonly #log: Log;
  readonly #events = createAgentEvents();
  /** Ends booting, heartbeats, and whatever else only makes sense until the first cause. */
  readonly #stopped = new AbortController();
  /** Ends the watches of the limits: a build that is asked to end may go on writing until it does. */
  readonly #treesGone = new AbortController();
  readonly #killNow = new AbortController();
  /** Ends an enrolment that is not answered. */
  readonly #enrolmentIsOver = new AbortController();
  /** Ends the delivery of output, before that of the exit signal. */
  readonly #outputTimeIsUp = new AbortController();
  /** Ends the delivery of the last words. */
  readonly #timeIsUp = new AbortController();
  readonly #reports: ProcessReports;
  readonly #exitCode = Promise.withResolvers<number>();
  #connections: Connections = NOT_CONNECTED;
  #state: Lifecycle = FIRST_STATE;
  #snapshot: StopSnapshot | undefined;
  #detail: string | undefined;

  constructor(deps: AgentDeps, config: AgentConfig, secretPatterns: SecretPatterns, log: Log) {
    this.#deps = deps;
    this.#log = log;
    this.#components = buildComponents(deps, {
      config,
      secretPatterns,
      events: this.#events,
      log,
      unsentBytes: (processId, stream) => this.#enrolment?.reporter.omitted(processId, stream) ?? 0,
    });
    this.#reports = new ProcessReports({
      monitoring: this.#components.monitoring,
      reporter: () => this.#enrolment?.reporter,
      isStopping: () => this.#state.phase === 'stopping',
      stop: (cause) => this.#stop(cause),
      clock: deps.clock,
    });
    this.#events.on('stopRequested', (cause, detail) => this.#stop(cause, detail));
    this.#events.on('processEnded', (process) => this.#processEnded(process));
  }

  /** Returns the exit code; never rejects. */
  async run(): Promise<number> {
    this.#deps.onStop((cause, detail) => this.#events.emit('stopRequested', cause, detail));
    this.#components.monitoring.watchEarly(this.#treesGone.signal);
    this.#boot().catch((error: unknown) => this.#bootFailed(error));
    const exitCode = await this.#exitCode.promise;
    await closeConnections(this.#connections);
    cleanUp(this.#components);
    this.#log.info({ exitCode }, 'agent ended');
    return exitCode;
  }

  get #enrolment(): AgentEnrolment | undefined {
    return this.#connections.stage === 'none' ? undefined : this.#connections.enrolment;
  }

  #stop(cause: StopCause, detail?: string): void {
    if (cause === 'internal') this.#log.error({ cause, detail }, 'agent failed');
    this.#detail ??= detail;
    this.#handle({ kind: 'stop', cause });
  }

  // ---- the lifecycle: events in, effects out ----

  #handle(event: LifecycleEvent): void {
    const before = this.#state;
    const { state, effects } = decideLifecycle(before, event);
    this.#state = state;
    if (state.phase !== before.phase) this.#log.info({ from: before.phase, to: state.phase, event }, 'phase changed');
    if (before.phase !== 'stopping' && state.phase === 'stopping') this.#beginStop(state.causes[0]);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: LifecycleEffect): void {
    switch (effect.kind) {
      case 'announce-ready':
        return this.#begin(this.#announceReady());
      case 'freeze-sessions':
        return this.#connections.stage === 'ssh-open' ? this.#connections.ssh.freeze() : undefined;
      case 'end-trees':
        return this.#begin(this.#endTrees(effect.graceSeconds));
      case 'kill-trees-now':
        return this.#killNow.abort();
      case 'drain':
        this.#treesGone.abort();
        return this.#begin(this.#drain());
      case 'report-end':
        return this.#begin(this.#reportEnd(effect));
      case 'start-budget':
        return this.#begin(startBudget(effect.budget, this.#budgets));
      case 'hurry-enrolment':
        return this.#begin(waitForEnrolment(this.#budgets));
      case 'exit':
        for (const end of [this.#stopped, this.#enrolmentIsOver, this.#treesGone]) end.abort();
        for (const end of [this.#outputTimeIsUp, this.#timeIsUp]) end.abort();
        // Nothing of ours outlives the agent, also when the time was up before its trees had ended.
        this.#components.workload.signalAll('SIGKILL');
        return this.#exitCode.resolve(effect.exitCode);
      default:
        return assertNever(effect);
    }
  }

  /** Effects take time and are not waited for. An effect that breaks is a bug, and the agent's end. */
  #begin(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#log.error({ error }, 'effect failed');
      if (this.#state.phase !== 'stopping') return this.#stop('internal', messageOf(error));
      // The last words are said also when what came before them has broken.
      return this.#handle({ kind: this.#state.step === 'delivering' ? 'time-is-up' : 'report-is-due' });
    });
  }

  // ---- booting ----

  async #boot(): Promise<void> {
    const { signal: abort } = this.#stopped;
    const booting = {
      deps: this.#deps,
      components: this.#components,
      events: this.#events,
      log: this.#log,
      phase: () => this.#state.phase,
      enrolmentIsOver: this.#enrolmentIsOver.signal,
      onConnected: (connections: Connections) => this.#connected(connections),
    };
    await bootAgent(booting, abort);
    if (!abort.aborted) this.#handle({ kind: 'booted' });
  }

  #connected(connections: Connections): void {
    this.#connections = connections;
    if (this.#state.phase === 'stopping') limitRequests(this.#budgets);
    if (connections.stage === 'enrolled') this.#handle({ kind: 'enrolled' });
  }

  #bootFailed(error: unknown): void {
    const code = error instanceof OperationalError ? error.code : undefined;
    if (code === 'AGENT_STOPPING') this.#log.info({}, 'start ended by a stop');
    else this.#log.error({ code, error }, 'agent could not start');
    // What is being stopped already ends with the code of its first cause, and without an enrolment nobody hears more.
    if (this.#state.phase === 'stopping' && !this.#enrolment) return this.#handle({ kind: 'enrolment-is-late' });
    if (code === 'ENROLMENT_VOID') return this.#stop('enrolment-void');
    // Without an enrolment no report reaches the control plane, and a spent token cannot be used again.
    if (code === 'ENROLMENT_REUSED' || code === 'ENROLMENT_REFUSED') return this.#exitCode.resolve(EX_NOPERM);
    if (code === 'CONFIG_INVALID' && !this.#enrolment) return this.#exitCode.resolve(EX_CONFIG);
    if (code === 'AGENT_STOPPING') return;
    this.#stop('internal', messageOf(error));
    if (!this.#enrolment) this.#handle({ kind: 'enrolment-is-late' });
  }

  async #announceReady(): Promise<void> {
    if (this.#connections.stage !== 'ssh-open') throw new Error('ready is announced after booting');
    const { enrolment, ssh } = this.#connections;
    const begin = (work: Promise<void>): void => this.#begin(work);
    const parts = { deps: this.#deps, components: this.#components, enrolment, sshPort: ssh.port };
    await announceReady({ ...parts, treesGone: this.#treesGone.signal, begin }, this.#stopped.signal);
  }

  #processEnded(process: ManagedProcess): void {
    this.#log.info({ processId: process.key, ...process.result }, 'process ended');
    if (this.#state.phase !== 'stopping') this.#begin(this.#reports.ended(process));
  }

  // ---- stopping ----

  #beginStop(cause: StopCause): void {
    this.#stopped.abort();
    const { workload, monitoring } = this.#components;
    workload.freeze(cause);
    const moment = { now: this.#deps.clock.now(), detail: this.#detail, failed: this.#reports.examined() };
    this.#snapshot = takeStopSnapshot(cause, this.#components, moment);
    const { exitLog } = this.#snapshot;
    this.#log.info({ cause, exitLog, uptimeSeconds: monitoring.uptimeSeconds() }, 'stopping');
  }

  get #budgets(): BudgetDeps {
    return {
      config: this.#components.config,
      reporter: this.#enrolment?.reporter,
      endOutput: () => this.#outputTimeIsUp.abort(),
      handle: (event) => this.#handle(event),
      clock: this.#deps.clock,
    };
  }

  async #endTrees(graceSeconds: number): Promise<void> {
    const unkillable = await this.#components.workload.end(graceSeconds * 1_000, this.#killNow.signal);
    if (unkillable > 0) this.#log.warn({ unkillable }, 'processes survived KILL');
    await sweepIfAlone(this.#deps, this.#components);
    this.#handle({ kind: 'trees-gone' });
  }

  async #drain(): Promise<void> {
    await drainOutput(this.#components.workload, this.#deps.clock);
    this.#handle({ kind: 'drained' });
  }

  async #reportEnd(effect: LifecycleEffect & { kind: 'report-end' }): Promise<void> {
    if (!this.#enrolment || !this.#snapshot) throw new Error('the end is reported after the enrolment');
    const { reporter } = this.#enrolment;
    await reportEnd(effect, {
      ...this.#components,
      reporter,
      snapshot: this.#snapshot,
      reportComplete: (process) => this.#reports.complete(process),
      outputTimeIsUp: this.#outputTimeIsUp.signal,
    });
    const outcome = await reporter.flush(this.#timeIsUp.signal);
    this.#log.info({ outcome }, 'last words');
    this.#handle({ kind: outcome === 'delivered' ? 'delivered' : 'time-is-up' });
  }
}
