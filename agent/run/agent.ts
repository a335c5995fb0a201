import { assertNever } from '../../shared/model/assert-never.ts';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { closeConnections, connectReporter, NOT_CONNECTED, openDoors } from './connections.ts';
import { createApiHandlers } from './api-handlers.ts';
import { exitFields, outputFields, processCompleteFields, type InterruptedProcess } from './end-signals.ts';
import {
  decideLifecycle,
  FIRST_STATE,
  type Lifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
} from '../lifecycle/decide-lifecycle.ts';
import { sendHeartbeats } from './heartbeats.ts';
import { stopSentence } from '../lifecycle/stop-sentence.ts';
import { cleanUp, outputLimitMs, sweepIfAlone } from './shutdown-cleanup.ts';
import { touchShutdownFile } from '../monitor/shutdown-file.ts';
import { buildComponents, type AgentComponents } from './agent-components.ts';
import type { ManagedProcess } from '../process/managed-process.ts';
import type { SecretPatterns } from '../process/masker.ts';
import { readyFields } from './ready-signal.ts';
import type { Log } from '../../shared/support/log.ts';
import { EX_CONFIG, EX_NOPERM, type AgentDeps } from './agent-deps.ts';

/** How long the last output of processes that just ended is waited for. */
const DRAIN_MS = 1_000;

/** One agent from its first statement to its exit code: the edges put together, and the lifecycle's effects carried out. */
export class Agent {
  readonly #deps: AgentDeps;
  readonly #components: AgentComponents;
  readonly #log: Log;
  readonly #connections = { ...NOT_CONNECTED };
  /** Ends booting, heartbeats, and whatever else only makes sense until the first cause. */
  readonly #stopped = new AbortController();
  /** Ends the watches of the limits: a build that is asked to end may go on writing until it does. */
  readonly #treesGone = new AbortController();
  readonly #killNow = new AbortController();
  /** Ends the delivery of the last words. */
  readonly #timeIsUp = new AbortController();
  readonly #reported = new Set<ManagedProcess>();
  readonly #exitCode = Promise.withResolvers<number>();
  #state: Lifecycle = FIRST_STATE;
  #end: { readonly exitLog: string; readonly interrupted: InterruptedProcess | undefined } | undefined;
  #detail: string | undefined;

  constructor(deps: AgentDeps, config: AgentConfig, secretPatterns: SecretPatterns, log: Log) {
    this.#deps = deps;
    this.#log = log;
    this.#components = buildComponents(deps, config, secretPatterns, log, {
      onOutput: (processId, stream, offset, data) => this.#connections.reporter?.chunk(processId, stream, offset, data),
      unsentBytes: (processId, stream) => this.#connections.reporter?.omitted(processId, stream) ?? 0,
      onEnd: (process) => this.#processEnded(process),
      stop: (cause) => this.stop(cause),
      broke: (error) => this.stop('internal', messageOf(error)),
    });
  }

  /** Answers the exit code; never rejects. */
  async run(): Promise<number> {
    this.#deps.onStop((cause, detail) => this.stop(cause, detail));
    this.#components.monitoring.watchEarly(this.#treesGone.signal);
    this.#boot().catch((error: unknown) => this.#bootFailed(error));
    const exitCode = await this.#exitCode.promise;
    await closeConnections(this.#connections);
    cleanUp(this.#components);
    this.#log.info({ exitCode }, 'agent ended');
    return exitCode;
  }

  stop(cause: StopCause, detail?: string): void {
    if (detail !== undefined) {
      this.#log.error({ cause, detail }, 'agent failed');
      this.#detail ??= detail;
    }
    this.#handle({ kind: 'stop', cause });
  }

  // ---- the lifecycle: one door in, effects out ----

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
        return this.#connections.ssh?.freeze();
      case 'end-trees':
        return this.#begin(this.#endTrees(effect.graceSeconds));
      case 'kill-trees-now':
        return this.#killNow.abort();
      case 'drain':
        this.#treesGone.abort();
        return this.#begin(this.#drain());
      case 'report-end':
        return this.#begin(this.#reportEnd(effect));
      case 'start-budget': {
        const { stopBudgetSeconds, lastWordsSeconds } = this.#components.config;
        const seconds = effect.budget === 'stop-budget' ? stopBudgetSeconds : lastWordsSeconds;
        return this.#begin(this.#deps.clock.sleep(seconds * 1_000).then(() => this.#handle({ kind: 'time-is-up' })));
      }
      case 'exit':
        for (const end of [this.#stopped, this.#treesGone, this.#timeIsUp]) end.abort();
        // Nothing of ours outlives the agent, also when the time was up before its trees had ended.
        this.#components.workload.signalAll('SIGKILL');
        return this.#exitCode.resolve(effect.exitCode);
      default:
        return assertNever(effect);
    }
  }

  /** Effects take time and none is waited for; one that breaks is a bug, and the agent's end. */
  #begin(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#log.error({ error }, 'effect failed');
      if (this.#state.phase !== 'stopping') return this.stop('internal', messageOf(error));
      return this.#handle({ kind: 'time-is-up' });
    });
  }

  // ---- booting ----

  async #boot(): Promise<void> {
    const { signal: abort } = this.#stopped;
    const { entryDelayMs, monitoring } = this.#components;
    const hostKey = await connectReporter(this.#deps, this.#components, this.#connections, abort);
    this.#handle({ kind: 'enrolled' });
    if (abort.aborted || !this.#connections.answer) return;
    monitoring.begin(this.#connections.answer.limits);
    await openDoors(this.#deps, this.#components, this.#createDoors(), hostKey, this.#connections);
    await this.#deps.clock.sleep(Math.max(0, entryDelayMs - monitoring.uptimeSeconds() * 1_000), abort);
    if (!abort.aborted) this.#handle({ kind: 'booted' });
  }

  #createDoors(): ReturnType<typeof createApiHandlers> {
    const { config, accounts, workload, monitoring } = this.#components;
    return createApiHandlers({
      agentVersion: this.#deps.version,
      accounts,
      workload,
      phase: () => this.#state.phase,
      limits: () => ({ maxTimeSeconds: monitoring.maxTimeSeconds, maxDiskBytes: monitoring.maxDiskBytes }),
      uptimeSeconds: () => monitoring.uptimeSeconds(),
      readSpace: () => monitoring.readSpace(),
      usage: () => monitoring.usage(),
      shutdown: () => {
        touchShutdownFile(config.shutdownFile);
        this.stop('shutdown-file');
      },
      log: this.#log,
    });
  }

  #bootFailed(error: unknown): void {
    const code = error instanceof OperationalError ? error.code : undefined;
    this.#log.error({ code, error }, 'agent could not start');
    if (code === 'ENROLMENT_VOID') return this.stop('enrolment-void');
    // Without an enrolment there is nobody to tell, and trying again with a spent token helps nobody.
    if (code === 'ENROLMENT_REUSED' || code === 'ENROLMENT_REFUSED') return this.#exitCode.resolve(EX_NOPERM);
    if (code === 'CONFIG_INVALID' && !this.#connections.answer) return this.#exitCode.resolve(EX_CONFIG);
    if (code === 'AGENT_STOPPING') return;
    this.stop('internal', messageOf(error));
  }

  async #announceReady(): Promise<void> {
    const { monitoring, workload } = this.#components;
    const { ssh, reporter, answer } = this.#connections;
    if (!ssh || !reporter || !answer) throw new Error('ready is announced after booting');
    await reporter.signal('ready', readyFields(this.#deps, this.#components.config, ssh.port));
    monitoring.watchWorkload(this.#treesGone.signal);
    const { clock } = this.#deps;
    const deps = { everySeconds: answer.heartbeatSeconds, monitoring, workload, clock, send: reporter.heartbeat };
    await sendHeartbeats(deps, this.#stopped.signal);
  }

  #processEnded(process: ManagedProcess): void {
    this.#log.info({ processId: process.key, ...process.result }, 'process ended');
    // While stopping, the output signal goes first.
    if (this.#state.phase === 'stopping') return;
    process.releaseOutput();
    this.#begin(this.#reportComplete(process));
  }

  async #reportComplete(process: ManagedProcess): Promise<void> {
    if (this.#reported.has(process)) return;
    this.#reported.add(process);
    await this.#connections.reporter?.signal('processComplete', processCompleteFields(process));
  }

  // ---- stopping ----

  /** Takes the figures of this moment: a second later they would be those of a container that is being ended. */
  #beginStop(cause: StopCause): void {
    this.#stopped.abort();
    const { workload, monitoring } = this.#components;
    workload.freeze(cause);
    const process = workload.running().at(-1);
    const runtimeSeconds = process ? (this.#deps.clock.now().getTime() - process.startedAt.getTime()) / 1_000 : 0;
    this.#end = {
      exitLog: stopSentence(cause, { ...monitoring.figures(), detail: this.#detail ?? null }),
      interrupted: process && { process, runtimeSeconds },
    };
    this.#log.info({ cause, exitLog: this.#end.exitLog, uptimeSeconds: monitoring.uptimeSeconds() }, 'stopping');
  }

  async #endTrees(graceSeconds: number): Promise<void> {
    const survivors = await this.#components.workload.end(graceSeconds * 1_000, this.#killNow.signal);
    if (survivors > 0) this.#log.warn({ survivors }, 'processes survived KILL');
    await sweepIfAlone(this.#deps, this.#components);
    this.#handle({ kind: 'trees-gone' });
  }

  async #drain(): Promise<void> {
    const { clock } = this.#deps;
    const patience = new AbortController();
    const ended = Promise.all(
      this.#components.workload.running().map(async (process) => {
        while (process.isRunning && !patience.signal.aborted) await process.changed(patience.signal);
      }),
    );
    await Promise.race([ended, clock.sleep(DRAIN_MS, patience.signal)]);
    patience.abort();
    this.#handle({ kind: 'drained' });
  }

  async #reportEnd({ causes, exitCode, wasReady }: LifecycleEffect & { kind: 'report-end' }): Promise<void> {
    const { config, workload, monitoring, secretPatterns } = this.#components;
    const { reporter } = this.#connections;
    const end = this.#end;
    if (!reporter || !end) throw new Error('the end is reported after the enrolment');
    if (end.interrupted || !wasReady)
      await reporter.signal('output', outputFields(end.exitLog, causes, end.interrupted, secretPatterns));
    for (const process of workload.all()) if (process.result) await this.#reportComplete(process);
    await monitoring.measureOnceMore(causes[0]);
    await reporter.finishOutput(outputLimitMs(config));
    await reporter.signal('exit', exitFields(causes, exitCode, monitoring.usage()));
    const outcome = await reporter.flush(this.#timeIsUp.signal);
    this.#log.info({ outcome }, 'last words');
    this.#handle({ kind: outcome === 'delivered' ? 'delivered' : 'time-is-up' });
  }
}
