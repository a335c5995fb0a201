import { CLASS_ID, type Signal, type SignalKind } from '../../../shared/protocol/signals.ts';
import { StopCause } from '../../../shared/model/stop-cause.ts';
import type { ContainerEndCause, ParsedContainer } from '../script.ts';
import type { ContainerEnding } from './container-ending.ts';
import { afterOutages, outageAt } from './outages.ts';
import { endOfEcsTask, type EcsEnd } from './ecs-end.ts';
import type { ScriptedProcess } from './scripted-process.ts';
import { exitSignal, outputSignal } from './last-signals.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a container tells the control plane. */
export interface ContainerPort {
  readonly clock: VirtualClock;
  /** Enrolment with this host key, and a second one by somebody else. */
  enrol(hostKey: string): void;
  enrolAgain(): void;
  /** Hands a signal over. `from`: the process that it is about. */
  send(signal: { seq: number; kind: SignalKind; body: Signal; from: ScriptedProcess | null }): void;
}

export interface ContainerLaunch {
  readonly arn: string;
  readonly attemptUuid: string;
  readonly number: number;
  readonly environment: Readonly<Record<string, string>>;
}

const DEFAULT_READY_SECONDS = 5;
// A container is RUNNING some time before its agent is ready: enrolment and the SSH server come between.
const RUNNING_SHARE = 0.8;

/** One container in virtual time: its life, its agent's signals, its processes. */
export class ScriptedContainer {
  readonly launch: ContainerLaunch;
  readonly script: ParsedContainer;
  readonly launchedMs: number;
  readonly runningMs: number;
  readonly hostKey: string;
  readonly processes: ScriptedProcess[] = [];
  readonly stops: string[] = [];
  /** When the agent began to stop; null: it has not. */
  stoppingMs: number | null = null;
  /** When the container's last process was gone. */
  goneMs: number | null = null;
  endedBy: string | null = null;
  ecsEnd: EcsEnd | null = null;
  enrolledMs: number | null = null;
  readonly #port: ContainerPort;
  #sequence = 0;
  #wasReady = false;

  constructor(launch: ContainerLaunch, script: ParsedContainer, port: ContainerPort) {
    const { clock } = port;
    this.launch = launch;
    this.script = script;
    this.#port = port;
    this.launchedMs = clock.nowMs;
    this.hostKey = `ssh-ed25519 simulated-${launch.number}`;
    const { readyAfter } = script;
    const readySeconds = readyAfter === 'never' ? DEFAULT_READY_SECONDS : readyAfter;
    this.runningMs = this.#ms(script.runningAfter ?? readySeconds * RUNNING_SHARE);
    if (script.enrols !== 'never') clock.at(this.runningMs, () => this.#enrol());
    if (readyAfter !== 'never') {
      for (let time = 0; time < script.readyTimes; time += 1) clock.at(this.#ms(readyAfter), () => this.#ready());
    }
    this.#planEnds();
  }

  #ms(seconds: number): number {
    return this.launchedMs + seconds * 1000;
  }

  #planEnds(): void {
    const { clock } = this.#port;
    const { spotAfter, diesAfter, end } = this.script;
    if (spotAfter !== undefined) clock.at(this.#ms(spotAfter), () => this.end({ cause: 'spot' }));
    if (diesAfter !== undefined) clock.at(this.#ms(diesAfter), () => this.end({ cause: 'crash' }));
    if (end?.after !== undefined) clock.at(this.#ms(end.after), () => this.end(end));
    const maxTime = Number(this.launch.environment['WORKLOAD_MAX_TIME'] ?? Infinity);
    if (maxTime < Infinity) clock.at(this.runningMs + maxTime * 1000, () => this.end({ cause: 'limit-time' }));
  }

  get isRunning(): boolean {
    return this.#port.clock.nowMs >= this.runningMs && this.goneMs === null;
  }

  get isStopping(): boolean {
    return this.stoppingMs !== null;
  }

  /** Seconds since the launch. */
  get age(): number {
    return (this.#port.clock.nowMs - this.launchedMs) / 1000;
  }

  get isCutOff(): boolean {
    return outageAt(this.script.networkOutages, this.age) !== undefined;
  }

  #enrol(): void {
    if (this.goneMs !== null || this.isStopping) return;
    this.enrolledMs = this.#port.clock.nowMs;
    this.#port.enrol(this.hostKey);
    if (this.script.enrols === 'twice') this.#port.enrolAgain();
  }

  #ready(): void {
    if (this.goneMs !== null || this.isStopping || this.script.enrols === 'never') return;
    this.#wasReady = true;
    const startTime = Math.floor(this.launchedMs / 1000 + this.script.clockSkew);
    this.#send('ready', { classId: CLASS_ID.ready, type: 1, pid: 1, startTime, agentVersion: 'simulated' });
  }

  processEnded(process: ScriptedProcess): void {
    if (this.goneMs !== null) return;
    this.#send('processComplete', process.complete(), process);
  }

  /** Ends the container before its time. The first end counts. */
  end(ending: ContainerEnding): void {
    if (this.isStopping || this.goneMs !== null) return;
    this.endedBy = ending.cause;
    this.ecsEnd = endOfEcsTask(ending.cause);
    const cause = agentCauseOf(ending.cause);
    if (cause) this.#stop(cause, ending);
    else this.#vanish();
  }

  /** The agent was asked to stop. */
  shutDown(): void {
    if (this.isStopping || this.goneMs !== null || this.script.shutdown === 'ignores') return;
    this.endedBy = 'released';
    this.ecsEnd = endOfEcsTask('shutdown-file');
    this.#stop('shutdown-file', { cause: 'shutdown-file' });
  }

  /** ECS was asked to stop it. */
  stopTask(reason: string): void {
    this.stops.push(reason);
    if (this.goneMs !== null || this.isStopping) return;
    this.endedBy = 'stopped';
    this.ecsEnd = { stopCode: 'UserInitiated', stoppedReason: reason, containerReason: null, exitCode: 143 };
    if (this.isRunning) this.#stop('sigterm', { cause: 'sigterm' });
    else this.#vanish();
  }

  /** Output first, then the ends of the processes, the exit signal last: as the agent does it. */
  #stop(cause: StopCause, ending: ContainerEnding): void {
    const { clock } = this.#port;
    this.stoppingMs = clock.nowMs;
    const running = this.processes.filter((process) => process.result === null);
    const speaks = this.enrolledMs !== null;
    // A container that stops idle has nothing to say, unless it was never ready.
    if (speaks && (running.length > 0 || !this.#wasReady))
      this.#send('output', outputSignal(cause, ending, running.at(-1) ?? null, this));
    for (const process of running) {
      process.kill(cause);
      if (speaks) this.#send('processComplete', process.complete(), process);
    }
    clock.at(clock.nowMs + this.script.stopsWithin * 1000, () => {
      if (speaks) this.#send('exit', exitSignal(cause, this));
      this.goneMs = clock.nowMs;
    });
  }

  #vanish(): void {
    this.stoppingMs ??= this.#port.clock.nowMs;
    this.goneMs = this.#port.clock.nowMs;
    for (const process of this.processes) process.vanish();
  }

  #send(kind: SignalKind, body: Signal, from: ScriptedProcess | null = null): void {
    this.#sequence += 1;
    this.#port.send({ seq: this.#sequence, kind, body, from });
  }

  /** Returns when a signal that is sent now arrives: when the network is there; null: never. */
  deliveryMs(): number | null {
    const seconds = afterOutages(this.script.networkOutages, this.age);
    return seconds === null ? null : this.#ms(seconds);
  }

  /** Returns when the agent's last heartbeat arrived; null: none did. */
  lastHeartbeatMs(heartbeatSeconds: number): number | null {
    if (this.enrolledMs === null) return null;
    const until = Math.min(this.#port.clock.nowMs, this.stoppingMs ?? Infinity);
    const step = heartbeatSeconds * 1000;
    for (let at = this.enrolledMs + Math.floor((until - this.enrolledMs) / step) * step; at >= this.enrolledMs;) {
      const outage = outageAt(this.script.networkOutages, (at - this.launchedMs) / 1000);
      if (!outage) return at;
      at -= step;
    }
    return null;
  }
}

/** Returns the cause that the agent tells; null: it is silent. */
function agentCauseOf(cause: ContainerEndCause): StopCause | null {
  if (cause === 'operator') return 'sigterm';
  const own = StopCause.safeParse(cause);
  return own.success ? own.data : null;
}
