import { isDeepStrictEqual } from 'node:util';
import { OperationalError } from '../../../shared/model/error.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import type { ProcessStatus, StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { ProcessCompleteSignal, ProcessResult, StreamName } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { ProcessScript, type ParsedProcess } from '../process-script.ts';

/** What a process was started with, beside its body. */
export interface ProcessPlace {
  /** The key under which the control plane started it. */
  readonly key: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly secure: Readonly<Record<string, string>>;
}

/** Decides how a command goes. Body and place hold everything the process was given. */
export type Behaviour = (body: StartProcess, place: ProcessPlace) => ProcessScript | Promise<ProcessScript>;

export interface SimulatedProcessDeps {
  readonly clock: Clock;
  /** A number that distinguishes processes. No real process has it. */
  readonly pid: number;
  readonly onEnd: (process: SimulatedProcess) => void;
  /** Called with the files that it has written, before it ends by itself. */
  readonly onFiles: (files: Readonly<Record<string, string>>) => void;
  /** Called when output is there that was not at the start. */
  readonly onOutput: () => void;
}

// The content of a flood.
const FLOOD = '.';

/** Returns a script with every default. What it does not say takes no time: this process lives in real time. */
function parseScript(script: ProcessScript): ParsedProcess {
  return ProcessScript.parse(script.cannotStart === true ? script : { runsFor: 0, ...script });
}

/**
 * One process as the agent API shows it. It lives in the clock's time, and its output is complete from the start. A
 * process whose script is still looked up runs and has written nothing.
 */
export class SimulatedProcess {
  readonly key: string;
  readonly body: StartProcess;
  readonly startedAt: Date;
  result: ProcessResult | null = null;
  readonly #deps: SimulatedProcessDeps;
  readonly #over = new AbortController();
  #script: ParsedProcess = parseScript({});
  #texts: Readonly<Record<StreamName, Buffer>> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  constructor(
    key: string,
    body: StartProcess,
    script: ProcessScript | Promise<ProcessScript>,
    deps: SimulatedProcessDeps,
  ) {
    this.key = key;
    this.body = body;
    this.#deps = deps;
    this.startedAt = deps.clock.now();
    if (script instanceof Promise) {
      // Whoever looks the script up tells the test of a failure; the process is one that could not be started.
      void script
        .catch(() => ({ cannotStart: true }))
        .then((found) => {
          this.#follow(found);
          deps.onOutput();
        });
    } else {
      this.#follow(script);
    }
  }

  get isRunning(): boolean {
    return this.result === null;
  }

  /** Returns the bytes of a stream, those of a flood included. */
  bytes(stream: StreamName): number {
    return this.#texts[stream].length + (stream === 'stdout' ? this.#script.floods : 0);
  }

  /** Returns what the process wrote in this range. A flood is made when it is read, and takes no memory before. */
  read(stream: StreamName, offset: number, maxBytes: number): Buffer {
    const text = this.#texts[stream];
    const end = Math.min(this.bytes(stream), offset + maxBytes);
    const own = text.subarray(offset, Math.min(end, text.length));
    const flood = Math.max(0, end - Math.max(offset, text.length));
    return flood === 0 ? own : Buffer.concat([own, Buffer.alloc(flood, FLOOD)]);
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
    const streams = { stdout: this.#size('stdout'), stderr: this.#size('stderr') };
    const secondsSinceProgress = this.#silentSeconds();
    return {
      processId: this.key,
      state: this.result ? 'exited' : 'running',
      pid: this.result ? null : this.#deps.pid,
      startTime: this.startedAt.getTime() / 1_000,
      ...(this.result ? { result: this.result } : {}),
      streams,
      progress: streams.stdout.bytes + streams.stderr.bytes,
      secondsSinceProgress,
      noProgress: !this.result && secondsSinceProgress >= (this.body.noProgressAfter ?? Infinity),
    };
  }

  #size(stream: StreamName): { bytes: number; omitted: number } {
    return { bytes: this.bytes(stream), omitted: 0 };
  }

  #silentSeconds(): number {
    const { silentAfter, silentFor = Infinity } = this.#script;
    if (silentAfter === undefined) return 0;
    const since = (this.#deps.clock.now().getTime() - this.startedAt.getTime()) / 1_000 - silentAfter;
    return since < 0 || since > silentFor ? 0 : since;
  }

  #follow(given: ProcessScript): void {
    const script = parseScript(given);
    this.#script = script;
    this.#texts = { stdout: Buffer.from(script.stdout), stderr: Buffer.from(script.stderr) };
    if (script.runsFor !== 'forever') void this.#run(script.cannotStart ? 0 : script.runsFor * 1_000);
  }

  async #run(ms: number): Promise<void> {
    // At least one turn of the event loop later: the caller of a start gets its answer before the report of the end.
    await this.#deps.clock.sleep(ms, this.#over.signal);
    if (this.#over.signal.aborted) return;
    this.#deps.onFiles(this.#script.files);
    this.#finish(ownEnd(this.#script));
  }

  #finish(result: Omit<ProcessResult, 'endTime'>): void {
    if (this.result) return;
    this.result = { ...result, endTime: this.#deps.clock.now().getTime() / 1_000 };
    this.#over.abort();
    this.#deps.onEnd(this);
  }
}

function ownEnd({ cannotStart, outOfMemory, killedBy, exitCode }: ParsedProcess): Omit<ProcessResult, 'endTime'> {
  if (cannotStart) return { exitCode: null, signal: null, reason: 'spawn-failed' };
  if (outOfMemory) return { exitCode: null, signal: 'SIGKILL', reason: 'oom' };
  if (killedBy !== undefined) return { exitCode: null, signal: killedBy, reason: 'killed' };
  return { exitCode: exitCode ?? 0, signal: null, reason: 'exited' };
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
