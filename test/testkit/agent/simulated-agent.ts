import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startApiServer, type ApiServer } from '../../../agent/api/socket-server.ts';
import { agentRoutes } from '../../../agent/api/agent-routes.ts';
import { exitFields } from '../../../agent/run/signal-fields.ts';
import {
  decideLifecycle,
  FIRST_STATE,
  type Lifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
} from '../../../agent/lifecycle/decide-lifecycle.ts';
import { enrol } from '../../../agent/report/enrol.ts';
import { createReporter, type Reporter } from '../../../agent/report/reporter.ts';
import type { Spool } from '../../../agent/report/spool.ts';

import { startSshServer, type SshServer } from '../../../agent/ssh/ssh-server.ts';
import { assertNever } from '../../../shared/model/assert-never.ts';
import { OperationalError, messageOf } from '../../../shared/model/error.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import type { StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { Clock } from '../../../shared/support/clock.ts';
import { createSshKeyPair, type SshKeyPair } from '../../../shared/support/ssh-key.ts';
import type { Log } from '../../../shared/support/log.ts';
import { noShell, simulatedApiHandlers, SIMULATED_VERSION } from './simulated-api-handlers.ts';
import { completeFields, type Behaviour, type SimulatedProcess } from './simulated-process.ts';
import { SimulatedWorkload } from './simulated-workload.ts';

export interface SimulatedAgentOptions {
  /** The container's environment, with SIGNAL_URL, WIP_ENROL and the control plane's other variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly taskArn?: string;
  readonly behave: Behaviour;
  readonly onStart?: (key: string, body: StartProcess) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

// Time that the real agent has after SIGTERM and for its last words (config.ini: stop_budget, last_words).
const BUDGET_MS = { 'stop-budget': 50_000, 'last-words': 900_000 } as const;
// Exit codes of the real agent: refused, and ended by SIGKILL.
const REFUSED = 77;
const KILLED = 137;

/**
 * A container agent with scripted processes and a real protocol: it enrols, signs, retries, listens on SSH and
 * answers the agent API with the agent's own code, and goes through the agent's own lifecycle. Hundreds run in one
 * process.
 */
export class SimulatedAgent {
  readonly workload: SimulatedWorkload;
  readonly #options: SimulatedAgentOptions;
  readonly #gone = Promise.withResolvers<{ exitCode: number }>();
  readonly #stopped = new AbortController();
  readonly #timeIsUp = new AbortController();
  readonly #reported = new Set<SimulatedProcess>();
  #state: Lifecycle = FIRST_STATE;
  #reporter: Reporter | null = null;
  #ssh: SshServer | null = null;
  #api: ApiServer | null = null;
  #directory: string | null = null;
  #heartbeatSeconds = 30;
  #end: { exitLog: string; process: SimulatedProcess | undefined } | null = null;
  #wasKilled = false;

  constructor(options: SimulatedAgentOptions) {
    const { environment, behave, clock } = options;
    this.#options = options;
    this.workload = new SimulatedWorkload({
      behave,
      environment,
      clock,
      startedAt: clock.now(),
      onStart: options.onStart ?? (() => undefined),
      onEnd: (process) => this.#processEnded(process),
    });
    this.#boot().catch((error: unknown) => this.#bootFailed(error));
  }

  /** Resolves when the container is gone and has left nothing on the machine. */
  get ended(): Promise<{ readonly exitCode: number }> {
    return this.#gone.promise;
  }

  get sshPort(): number | null {
    return this.#ssh?.port ?? null;
  }

  stop(cause: StopCause): void {
    this.#handle({ kind: 'stop', cause });
  }

  /** Kills the agent like SIGKILL: it sends nothing more. */
  kill(): void {
    if (this.#wasKilled || this.#state.phase === 'gone') return;
    this.#wasKilled = true;
    this.#state = { phase: 'gone', exitCode: KILLED };
    void this.#leave(KILLED);
  }

  #handle(event: LifecycleEvent): void {
    const before = this.#state;
    const { state, effects } = decideLifecycle(before, event);
    this.#state = state;
    if (before.phase !== 'stopping' && state.phase === 'stopping') this.#beginStop(state.causes[0]);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: LifecycleEffect): void {
    switch (effect.kind) {
      case 'announce-ready':
        return this.#begin(this.#announceReady());
      case 'freeze-sessions':
        return this.#ssh?.freeze();
      case 'end-trees':
        this.workload.endAll();
        return queueMicrotask(() => this.#handle({ kind: 'trees-gone' }));
      case 'kill-trees-now':
        return this.workload.endAll();
      case 'drain':
        return queueMicrotask(() => this.#handle({ kind: 'drained' }));
      case 'report-end':
        return this.#begin(this.#reportEnd(effect));
      case 'start-budget':
        return this.#begin(this.#startBudget(BUDGET_MS[effect.budget]));
      case 'exit':
        if (!this.#wasKilled) this.#begin(this.#leave(effect.exitCode));
        return;
      default:
        return assertNever(effect);
    }
  }

  #begin(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#options.log.error({ error }, 'the simulated agent broke');
      this.kill();
    });
  }

  async #startBudget(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#timeIsUp.signal);
    this.#handle({ kind: 'time-is-up' });
  }

  async #boot(): Promise<void> {
    const { environment, clock, random, log, taskArn } = this.#options;
    const hostKey = createSshKeyPair();
    const deps = { clock, random, log };
    const answer = await enrol(
      {
        ...deps,
        url: environment['WIP_ENROL_URL'] ?? '',
        token: environment['WIP_ENROL'] ?? '',
        hostKeyLine: hostKey.publicLine,
        ...(taskArn === undefined ? {} : { taskArn }),
        agentVersion: SIMULATED_VERSION,
        startedAt: clock.now(),
        nonce: randomUUID(),
      },
      this.#stopped.signal,
    );
    this.#heartbeatSeconds = answer.heartbeatSeconds;
    this.#reporter = createReporter({
      ...deps,
      signalUrl: environment['SIGNAL_URL'] ?? '',
      signalBody: JSON.parse(environment['SIGNAL_BODY'] ?? '{}') as Record<string, unknown>,
      key: Buffer.from(answer.key, 'base64'),
      keyId: answer.keyId,
      spool: memorySpool(),
      readOutput: (_process, _stream, offset) => ({ offset, data: Buffer.alloc(0) }),
    });
    this.#handle({ kind: 'enrolled' });
    await this.#openDoors(hostKey, answer.clientKeys);
    if (!this.#stopped.signal.aborted) this.#handle({ kind: 'booted' });
  }

  async #openDoors(hostKey: SshKeyPair, clientKeys: readonly string[]): Promise<void> {
    const { log } = this.#options;
    this.#directory = await mkdtemp(path.join(tmpdir(), 'wip-sim-'));
    const socketPath = path.join(this.#directory, 'api', 'agent.sock');
    const handlers = simulatedApiHandlers({
      workload: this.workload,
      phase: () => this.#state.phase,
      shutdown: () => this.stop('shutdown-file'),
    });
    this.#api = await startApiServer(socketPath, agentRoutes(handlers), log);
    this.#ssh = await startSshServer({
      host: '127.0.0.1',
      port: 0,
      hostKey,
      clientKeys,
      workloadUser: 'simulated',
      isRoot: false,
      socketPath,
      runCommand: noShell,
      runSftp: (user) => noShell({ command: 'sftp', user, environment: {} }),
      log,
    });
    if (this.#wasKilled) await this.#closeAll();
  }

  #bootFailed(error: unknown): void {
    if (this.#wasKilled) return;
    const code = error instanceof OperationalError ? error.code : undefined;
    if (code === 'AGENT_STOPPING') return;
    this.#options.log.warn({ code, why: messageOf(error) }, 'the simulated agent could not start');
    if (code === 'ENROLMENT_VOID') return this.stop('enrolment-void');
    this.#state = { phase: 'gone', exitCode: REFUSED };
    void this.#leave(REFUSED);
  }

  async #announceReady(): Promise<void> {
    const { clock } = this.#options;
    await this.#reporter?.signal('ready', {
      pid: process.pid,
      startTime: clock.now().getTime() / 1_000,
      host: '127.0.0.1',
      ports: { 22: this.#ssh?.port ?? 0 },
      initialDisk: 0,
      isolation: 'none',
      agentVersion: SIMULATED_VERSION,
    });
    for (;;) {
      await clock.sleep(this.#heartbeatSeconds * 1_000, this.#stopped.signal);
      if (this.#stopped.signal.aborted) return;
      this.#reporter?.heartbeat({
        at: clock.now().toISOString(),
        usage: this.workload.usage(),
        progress: this.workload.usage().output.bytes,
        secondsToTimeLimit: null,
        secondsToDiskLimit: null,
      });
    }
  }

  #processEnded(process: SimulatedProcess): void {
    // While stopping, the output signal is sent first.
    if (this.#state.phase === 'stopping' || this.#state.phase === 'gone') return;
    this.#begin(this.#reportComplete(process));
  }

  async #reportComplete(process: SimulatedProcess): Promise<void> {
    if (this.#reported.has(process)) return;
    this.#reported.add(process);
    for (const stream of ['stdout', 'stderr'] as const) {
      const bytes = process.stream(stream);
      if (bytes.length > 0 && process.body.output !== 'keep') this.#reporter?.chunk(process.key, stream, 0, bytes);
    }
    await this.#reporter?.signal('processComplete', completeFields(process));
  }

  #beginStop(cause: StopCause): void {
    this.#stopped.abort();
    this.workload.freeze(cause);
    this.#end = { exitLog: `The simulated container ends: ${cause}.`, process: this.workload.running().at(-1) };
  }

  async #reportEnd({ causes, exitCode, wasReady }: LifecycleEffect & { kind: 'report-end' }): Promise<void> {
    const reporter = this.#reporter;
    if (!reporter) throw new Error('the end is reported after the enrolment');
    const { exitLog, process } = this.#end ?? { exitLog: '', process: undefined };
    if (process || !wasReady) await reporter.signal('output', outputFields(exitLog, causes, process));
    for (const one of this.workload.all()) if (one.result) await this.#reportComplete(one);
    await reporter.signal('exit', exitFields(causes, exitCode, this.workload.usage()));
    const outcome = await reporter.flush(this.#timeIsUp.signal);
    this.#handle({ kind: outcome === 'delivered' ? 'delivered' : 'time-is-up' });
  }

  async #leave(exitCode: number): Promise<void> {
    this.#stopped.abort();
    this.#timeIsUp.abort();
    this.workload.vanish();
    await this.#closeAll();
    this.#gone.resolve({ exitCode });
  }

  async #closeAll(): Promise<void> {
    await Promise.allSettled([this.#api?.close(), this.#ssh?.close(), this.#reporter?.close()]);
    if (this.#directory) await rm(this.#directory, { recursive: true, force: true });
  }
}

function outputFields(
  exitLog: string,
  causes: readonly StopCause[],
  process: SimulatedProcess | undefined,
): Record<string, unknown> {
  const [cause] = causes;
  if (!process) return { exitLog, log: '', cause, causes };
  const ends = (bytes: Buffer): object => ({
    head: bytes.toString('base64'),
    tail: '',
    bytes: bytes.length,
    omitted: 0,
  });
  const command = Array.isArray(process.body.command) ? process.body.command.join(' ') : process.body.command.shell;
  const runtimeSeconds = process.result ? process.result.endTime - process.startedAt.getTime() / 1_000 : 0;
  return {
    exitLog,
    log: process.stream('stdout').toString(),
    stdout: ends(process.stream('stdout')),
    stderr: ends(process.stream('stderr')),
    process: {
      id: process.key,
      command: process.body.secure ? '[secure]' : command,
      user: 'simulated',
      runtimeSeconds,
    },
    cause,
    causes,
  };
}

/**
 * Returns a spool in memory: a simulated agent's process never ends before its container, so memory lasts long
 * enough.
 */
function memorySpool(): Spool {
  return {
    location: 'memory',
    capacityBytes: 4 * 1024 * 1024,
    load: () => Promise.resolve(undefined),
    save: () => Promise.resolve('memory'),
    close: () => Promise.resolve(),
  };
}
