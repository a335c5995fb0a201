import { tmpdir } from 'node:os';
import { OperationalError, messageOf } from '../../../shared/model/error.ts';
import { StopCause } from '../../../shared/model/stop-cause.ts';
import type { EnrolmentAnswer } from '../../../shared/protocol/enrolment.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Usage } from '../../../shared/protocol/signals.ts';
import { createSshKeyPair, type SshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { parseAgentContainer, type AgentContainer } from './agent-script.ts';
import { ContainerNetwork } from './container-network.ts';
import { enrolSimulated } from './enrol-simulated.ts';
import { plannedEnds } from './planned-ends.ts';
import { SignalRules } from './signal-rules.ts';
import type { SimulatedAgentOptions } from './simulated-agent-options.ts';
import { simulatedApiHandlers } from './simulated-api-handlers.ts';
import { openSimulatedServers, type SimulatedServers } from './simulated-servers.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { sentenceOf, type ScriptedEnd, type Stopping } from './simulated-signals.ts';
import { SimulatedLifecycle, type ReportEnd } from './simulated-lifecycle.ts';
import { exceedsDisk, shownLimits, simulatedDisk, simulatedUsage } from './simulated-limits.ts';
import { SimulatedReports } from './simulated-reports.ts';
import { skewed } from './skewed-clock.ts';
import { SimulatedWorkload } from './simulated-workload.ts';

// Exit codes of the real agent: refused, and ended by SIGKILL.
const REFUSED = 77;
const KILLED = 137;
// Exit code of a program that dies by itself, as in world/ecs-end.ts.
const CRASHED = 1;
const FRIENDLIEST = parseAgentContainer({});
const NO_RULES = new SignalRules([], () => undefined);
const NEVER = new AbortController().signal;

/**
 * A container agent with scripted processes and a real protocol: it enrols, signs, retries, listens on SSH and
 * answers the agent API with the agent's own code, and goes through the agent's own lifecycle. Thousands run in one
 * process.
 */
export class SimulatedAgent {
  readonly workload: SimulatedWorkload;
  readonly #options: SimulatedAgentOptions;
  readonly #gone = Promise.withResolvers<{ exitCode: number }>();
  readonly #stopped = new AbortController();
  readonly #life: SimulatedLifecycle;
  #clock: Clock;
  #container: AgentContainer = FRIENDLIEST;
  #limits: EnrolmentAnswer['limits'] = { maxTimeSeconds: null, maxDiskGb: null };
  #reports: SimulatedReports | null = null;
  #servers: SimulatedServers | null = null;
  #network: ContainerNetwork | null = null;
  #words: ScriptedEnd | null = null;
  #stopping: Stopping | null = null;

  constructor(options: SimulatedAgentOptions) {
    const { environment, behave, clock } = options;
    this.#options = options;
    this.#clock = clock;
    this.workload = new SimulatedWorkload({
      behave,
      environment,
      clock,
      startedAt: clock.now(),
      onStart: options.onStart ?? (() => undefined),
      onEnd: (process) => this.#processEnded(process),
      onBytes: (bytes) => {
        if (exceedsDisk(bytes, this.#container, this.#limits)) this.stop('limit-disk');
      },
    });
    this.#life = new SimulatedLifecycle({
      announceReady: () => this.#announceReady(),
      freezeSessions: () => this.#servers?.freeze(),
      beginStop: (cause) => this.#beginStop(cause),
      endTrees: () => this.workload.endAll(),
      reportEnd: (effect) => this.#reportEnd(effect),
      leave: (exitCode) => this.#leave(exitCode),
      sleep: (ms, abort) => this.#clock.sleep(ms, abort),
      broke: (error) => this.#broke(error),
    });
    this.#boot().catch((error: unknown) => this.#bootFailed(error));
  }

  /** Resolves when the container is gone and has left nothing on the machine. */
  get ended(): Promise<{ readonly exitCode: number }> {
    return this.#gone.promise;
  }

  /** Whether it has exited or was killed. ECS learns of it a moment later. */
  get isGone(): boolean {
    return this.#life.phase === 'gone';
  }

  get sshPort(): number | null {
    return this.#servers?.sshPort ?? null;
  }

  /** Ends it like a signal or a limit. A machine that is gone sends nothing, whatever ECS asks its container for. */
  stop(cause: StopCause): void {
    if (this.#words?.cause === 'host-lost') this.kill();
    else this.#life.handle({ kind: 'stop', cause });
  }

  /** Kills the agent like SIGKILL: it sends nothing more. */
  kill(): void {
    this.#die(KILLED);
  }

  #die(exitCode: number): void {
    if (this.#life.end(exitCode)) void this.#leave(exitCode);
  }

  #broke(error: unknown): void {
    this.#options.log.error({ error }, 'the simulated agent broke');
    this.kill();
  }

  async #boot(): Promise<void> {
    this.#container = (await this.#options.container) ?? FRIENDLIEST;
    const { clockSkew, enrols, wrongHostKey, readyAfter, readyTimes } = this.#container;
    this.#network = await this.#openNetwork();
    this.#clock = skewed(this.#options.clock, clockSkew);
    const { untilEntered } = this.#options;
    const planned = { clock: this.#clock, stopped: this.#stopped.signal, untilEntered };
    for (const come of plannedEnds(this.#container, planned, (words) => this.#endWith(words))) this.#life.begin(come);
    if (enrols === 'never' || this.#life.wasEnded) return;
    const hostKey = createSshKeyPair();
    const answer = await this.#enrol(hostKey);
    // Somebody else who knows the token: the answer is a refusal, and what follows is the control plane's business.
    if (enrols === 'twice') this.#life.begin(this.#enrol(createSshKeyPair()).then(ignore, ignore));
    this.#limits = answer.limits;
    this.#reports = this.#createReports(answer);
    this.#life.handle({ kind: 'enrolled' });
    this.#life.begin(this.#watchTime());
    await this.#open(wrongHostKey ? createSshKeyPair() : hostKey, answer.clientKeys);
    if (readyAfter === 'never' || readyTimes === 0) return;
    await this.#clock.sleep(readyAfter * 1_000, this.#stopped.signal);
    if (!this.#stopped.signal.aborted) this.#life.handle({ kind: 'booted' });
  }

  async #openNetwork(): Promise<ContainerNetwork> {
    const { environment, clock, onForged = ignore, signals, abort = NEVER } = this.#options;
    const rules = (await signals) ?? NO_RULES;
    return ContainerNetwork.open({ container: this.#container, rules, environment, clock, onForged, abort });
  }

  get #environment(): Readonly<Record<string, string>> {
    return this.#network?.environment ?? this.#options.environment;
  }

  #enrol(hostKey: SshKeyPair): Promise<EnrolmentAnswer> {
    const as = { clock: this.#clock, environment: this.#environment, hostKeyLine: hostKey.publicLine };
    return enrolSimulated(this.#options, as, this.#stopped.signal);
  }

  #createReports(enrolment: EnrolmentAnswer): SimulatedReports {
    const { random, log } = this.#options;
    const usage = (): Usage => simulatedUsage(this.workload, this.#container);
    const of = { environment: this.#environment, workload: this.workload, clock: this.#clock };
    return new SimulatedReports({ ...of, enrolment, usage, random, log });
  }

  async #open(hostKey: SshKeyPair, clientKeys: readonly string[]): Promise<void> {
    const { log, parent = tmpdir() } = this.#options;
    const handlers = simulatedApiHandlers({
      workload: this.workload,
      health: () => ({
        phase: this.#life.phase,
        limits: shownLimits(this.#limits),
        disk: simulatedDisk(this.#container),
      }),
      usage: () => simulatedUsage(this.workload, this.#container),
      shutdown: () => this.#askedToShutDown(),
    });
    const portOf = (port: number): Promise<number> => this.#network?.sshPort(port) ?? Promise.resolve(port);
    this.#servers = await openSimulatedServers({ hostKey, clientKeys, handlers, portOf, parent, log });
    if (this.#life.wasEnded) await this.#closeAll();
  }

  #askedToShutDown(): void {
    const { shutdown } = this.#container;
    if (shutdown === 'obeys') this.stop('shutdown-file');
    if (shutdown !== 'refuses') return;
    throw new OperationalError('AGENT_API_FAILED', {
      happened: 'This agent does not stop when it is asked to',
      remedy: 'Stop the container through ECS',
    });
  }

  #endWith(words: ScriptedEnd): void {
    if (this.#stopped.signal.aborted) return;
    this.#words = words;
    const own = StopCause.safeParse(words.cause);
    // The agent's own cause comes first: what ECS does about the container is another cause of the same end.
    if (own.success) this.stop(own.data);
    else if (words.cause === 'crash') this.#die(CRASHED);
    if (words.cause === 'spot' || !own.success) this.#options.onEcsEnd?.(words.cause);
  }

  async #watchTime(): Promise<void> {
    const { maxTimeSeconds } = this.#limits;
    if (maxTimeSeconds === null) return;
    await this.#clock.sleep(maxTimeSeconds * 1_000, this.#stopped.signal);
    if (!this.#stopped.signal.aborted) this.stop('limit-time');
  }

  #bootFailed(error: unknown): void {
    if (this.#life.wasEnded) return;
    const code = error instanceof OperationalError ? error.code : undefined;
    if (code === 'AGENT_STOPPING') return;
    this.#options.log.warn({ code, why: messageOf(error) }, 'the simulated agent could not start');
    if (code === 'ENROLMENT_VOID') return this.stop('enrolment-void');
    this.#die(REFUSED);
  }

  async #announceReady(): Promise<void> {
    for (let time = 0; time < this.#container.readyTimes; time += 1) {
      await this.#reports?.ready(this.#servers?.sshPort ?? 0);
    }
    await this.#reports?.sendHeartbeats(this.#stopped.signal);
  }

  #processEnded(process: SimulatedProcess): void {
    // While stopping, the output signal is sent first.
    if (this.#life.phase === 'stopping' || this.#life.phase === 'gone') return;
    if (this.#reports) this.#life.begin(this.#reports.complete(process));
  }

  #beginStop(cause: StopCause): void {
    this.#stopped.abort();
    this.workload.freeze(cause);
    this.#stopping = {
      sentence: sentenceOf(cause, simulatedUsage(this.workload, this.#container), this.#limits),
      process: this.workload.running().at(-1),
      words: this.#words,
    };
  }

  async #reportEnd({ causes, exitCode, wasReady }: ReportEnd): Promise<void> {
    const [reports, stopping] = [this.#reports, this.#stopping];
    if (!reports || !stopping) throw new Error('the end is reported after the enrolment');
    const pauseMs = this.#container.stopsWithin * 1_000;
    const outcome = await reports.end({ stopping, causes, exitCode, wasReady, pauseMs }, this.#life.waitsEnd);
    this.#life.handle({ kind: outcome === 'delivered' ? 'delivered' : 'time-is-up' });
  }

  async #leave(exitCode: number): Promise<void> {
    this.#stopped.abort();
    this.#life.stopWaiting();
    this.workload.vanish();
    await this.#closeAll();
    this.#gone.resolve({ exitCode });
  }

  async #closeAll(): Promise<void> {
    await Promise.allSettled([this.#servers?.close(), this.#reports?.close()]);
    this.#network?.close();
  }
}

function ignore(): void {}
