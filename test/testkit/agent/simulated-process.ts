import { isDeepStrictEqual } from 'node:util';
import { OperationalError } from '../../../shared/model/error.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import type { ProcessStatus, StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { ProcessCompleteSignal, ProcessResult, StreamName } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/support/clock.ts';

/** The script of a simulated process: writes at once, runs for a time, and exits. */
export interface ProcessScript {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly seconds?: number;
  readonly exitCode?: number;
}

/** Decides how a command ends. Body and environment hold everything the process was given. */
export type Behaviour = (
  body: StartProcess,
  container: {
    readonly environment: Readonly<Record<string, string>>;
    readonly secure: Readonly<Record<string, string>>;
  },
) => ProcessScript;

export interface SimulatedProcessDeps {
  readonly clock: Clock;
  /** A number that distinguishes processes. No real process has it. */
  readonly pid: number;
  readonly onEnd: (process: SimulatedProcess) => void;
}

/** One process as the agent API shows it. It lives in the clock's time; its output is complete from the start. */
export class SimulatedProcess {
  readonly key: string;
  readonly body: StartProcess;
  readonly startedAt: Date;
  result: ProcessResult | null = null;
  readonly #deps: SimulatedProcessDeps;
  readonly #streams: Readonly<Record<StreamName, Buffer>>;
  readonly #over = new AbortController();

  constructor(key: string, body: StartProcess, script: ProcessScript, deps: SimulatedProcessDeps) {
    this.key = key;
    this.body = body;
    this.#deps = deps;
    this.startedAt = deps.clock.now();
    this.#streams = { stdout: Buffer.from(script.stdout ?? ''), stderr: Buffer.from(script.stderr ?? '') };
    void this.#run((script.seconds ?? 0) * 1_000, script.exitCode ?? 0);
  }

  get isRunning(): boolean {
    return this.result === null;
  }

  stream(name: StreamName): Buffer {
    return this.#streams[name];
  }

  /** Ends the process from outside. An ended process stays unchanged. */
  end(signal: 'SIGTERM' | 'SIGKILL', reason: StopCause | 'killed' | 'cancelled'): void {
    this.#finish({ exitCode: null, signal, reason });
  }

  /** Ends the process together with its container: its end is reported to no one. */
  vanish(): void {
    this.#over.abort();
  }

  status(): ProcessStatus {
    const { clock, pid } = this.#deps;
    const streams = { stdout: sizeOf(this.#streams.stdout), stderr: sizeOf(this.#streams.stderr) };
    const secondsSinceProgress = (clock.now().getTime() - this.startedAt.getTime()) / 1_000;
    return {
      processId: this.key,
      state: this.result ? 'exited' : 'running',
      pid: this.result ? null : pid,
      startTime: this.startedAt.getTime() / 1_000,
      ...(this.result ? { result: this.result } : {}),
      streams,
      progress: streams.stdout.bytes + streams.stderr.bytes,
      secondsSinceProgress,
      noProgress: !this.result && secondsSinceProgress >= (this.body.noProgressAfter ?? Infinity),
    };
  }

  async #run(ms: number, exitCode: number): Promise<void> {
    // At least one turn of the event loop later: the caller of a start gets its answer before the report of the end.
    await this.#deps.clock.sleep(ms, this.#over.signal);
    if (!this.#over.signal.aborted) this.#finish({ exitCode, signal: null, reason: 'exited' });
  }

  #finish(result: Omit<ProcessResult, 'endTime'>): void {
    if (this.result) return;
    this.result = { ...result, endTime: this.#deps.clock.now().getTime() / 1_000 };
    this.#over.abort();
    this.#deps.onEnd(this);
  }
}

function sizeOf(bytes: Buffer): { bytes: number; omitted: number } {
  return { bytes: bytes.length, omitted: 0 };
}

export function completeFields(process: SimulatedProcess): Omit<ProcessCompleteSignal, 'classId' | 'type'> {
  const { pid, startTime, result, streams } = process.status();
  if (!result) throw new Error(`process ${process.key} is not complete`);
  return {
    pid,
    startTime,
    processId: process.key,
    result,
    bytes: { stdout: streams.stdout.bytes, stderr: streams.stderr.bytes },
    omitted: { stdout: 0, stderr: 0 },
  };
}

/** Returns the existing process for the same key and body. Throws PROCESS_CONFLICT for another body. */
export function sameProcess(existing: SimulatedProcess, body: StartProcess): SimulatedProcess {
  if (isDeepStrictEqual(existing.body, body)) return existing;
  throw new OperationalError('PROCESS_CONFLICT', {
    happened: `The process ${existing.key} was started with another command, user, environment or input`,
    remedy: 'Use a new key for a new command',
  });
}
