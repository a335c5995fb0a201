import type { ProcessStatus, StartProcess } from '../../../shared/protocol/agent-api.ts';
import {
  CLASS_ID,
  type ProcessCompleteSignal,
  type ProcessResult,
  type StreamName,
} from '../../../shared/protocol/signals.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import type { RunProcess } from '../simulated-run.ts';
import type { ParsedProcess } from '../process-script.ts';
import type { VirtualClock } from './virtual-clock.ts';

// A number that no real process has: PID_MAX_LIMIT of Linux is 2^22.
const FIRST_PID = 5_000_000;
const FLOOD = '.';

export interface ProcessFacts {
  readonly key: string;
  /** Name of its effect, and the state that started it. */
  readonly name: string;
  readonly state: string;
  readonly body: StartProcess;
}

/** One process of a simulated container, by its script. */
export class ScriptedProcess {
  readonly facts: ProcessFacts;
  readonly startedMs: number;
  result: ProcessResult | null = null;
  readonly #script: ParsedProcess;
  readonly #clock: VirtualClock;
  readonly #skewMs: number;
  readonly #pid: number;
  #cancelEnd: () => void = () => undefined;

  constructor(
    facts: ProcessFacts,
    script: ParsedProcess,
    {
      clock,
      skewSeconds,
      index,
      onEnd,
    }: { clock: VirtualClock; skewSeconds: number; index: number; onEnd: () => void },
  ) {
    this.facts = facts;
    this.startedMs = clock.nowMs;
    this.#script = script;
    this.#clock = clock;
    this.#skewMs = skewSeconds * 1000;
    this.#pid = FIRST_PID + index;
    const seconds = script.cannotStart ? 0 : script.runsFor;
    if (seconds === 'forever') return;
    this.#cancelEnd = clock.at(clock.nowMs + seconds * 1000, () => {
      this.#finish(this.#ownEnd());
      onEnd();
    });
  }

  #ownEnd(): Omit<ProcessResult, 'endTime'> {
    const { cannotStart, outOfMemory, killedBy, exitCode } = this.#script;
    if (cannotStart) return { exitCode: null, signal: null, reason: 'spawn-failed' };
    if (outOfMemory) return { exitCode: null, signal: 'SIGKILL', reason: 'oom' };
    if (killedBy !== undefined) return { exitCode: null, signal: killedBy, reason: 'killed' };
    return { exitCode: exitCode ?? 0, signal: null, reason: 'exited' };
  }

  /** Ends the process with its container. */
  kill(cause: StopCause): void {
    this.#finish({ exitCode: null, signal: 'SIGTERM', reason: cause });
  }

  /** The container is gone, and the end of the process is reported to nobody. */
  vanish(): void {
    this.#cancelEnd();
  }

  #finish(result: Omit<ProcessResult, 'endTime'>): void {
    if (this.result) return;
    this.#cancelEnd();
    this.result = { ...result, endTime: this.#unixSeconds(this.#clock.nowMs) };
  }

  #unixSeconds(ms: number): number {
    return Math.floor((ms + this.#skewMs) / 1000);
  }

  text(stream: StreamName): string {
    return stream === 'stdout' ? this.#script.stdout : this.#script.stderr;
  }

  bytes(stream: StreamName): number {
    return Buffer.byteLength(this.text(stream)) + (stream === 'stdout' ? this.#script.floods : 0);
  }

  read(stream: StreamName, offset: number, maxBytes: number): Buffer {
    const text = Buffer.from(this.text(stream));
    const end = Math.min(this.bytes(stream), offset + maxBytes);
    const own = text.subarray(offset, Math.min(end, text.length));
    const flood = Math.max(0, end - Math.max(offset, text.length));
    return flood === 0 ? own : Buffer.concat([own, Buffer.alloc(flood, FLOOD)]);
  }

  status(): ProcessStatus {
    const silent = this.#silentSeconds();
    const { stdout, stderr } = { stdout: this.bytes('stdout'), stderr: this.bytes('stderr') };
    return {
      processId: this.facts.key,
      state: this.result ? 'exited' : 'running',
      pid: this.result ? null : this.#pid,
      startTime: this.#unixSeconds(this.startedMs),
      ...(this.result && { result: this.result }),
      streams: { stdout: { bytes: stdout, omitted: 0 }, stderr: { bytes: stderr, omitted: 0 } },
      progress: stdout + stderr,
      secondsSinceProgress: silent,
      noProgress: !this.result && silent >= (this.facts.body.noProgressAfter ?? Infinity),
    };
  }

  #silentSeconds(): number {
    const { silentAfter, silentFor = Infinity } = this.#script;
    if (silentAfter === undefined) return 0;
    const since = (this.#clock.nowMs - this.startedMs) / 1000 - silentAfter;
    return since < 0 || since > silentFor ? 0 : since;
  }

  complete(): ProcessCompleteSignal {
    const { pid, startTime, streams } = this.status();
    if (!this.result) throw new Error(`process ${this.facts.name} is not complete`);
    return {
      classId: CLASS_ID.processComplete,
      type: 1,
      pid,
      startTime,
      processId: this.facts.key,
      result: this.result,
      bytes: { stdout: streams.stdout.bytes, stderr: streams.stderr.bytes },
      omitted: { stdout: 0, stderr: 0 },
    };
  }

  toRun(startMs: number): RunProcess {
    const { name, state, body } = this.facts;
    return { name, state, body, startedAtSeconds: (this.startedMs - startMs) / 1000, result: this.result };
  }
}
