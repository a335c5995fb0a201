import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { messageOf } from '../../shared/model/error.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { ProcessStatus, StartProcess } from '../../shared/protocol/agent-api.ts';
import {
  MAX_LOG_BYTES,
  type ProcessEndReason,
  type ProcessResult,
  type StreamName,
} from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { endReason } from './end-reason.ts';
import { launch, whyNotIn } from './launch.ts';
import type { SecretPatterns } from './secrets/masker.ts';
import { createOutputFiles, type OutputFiles } from './output/output-files.ts';
import { createChanges } from './changes.ts';
import { inputStream, openPipes, type PipeEnds } from './output/named-pipes.ts';
import type { OutputStore } from './output/output-store.ts';
import { ProcessOutput } from './output/process-output.ts';
import type { ProcEntry } from '../../shared/system/proc-table.ts';
import { createRing } from './output/stream-ends.ts';
import { createEffort, createTree, updateMembers, type EffortSample, type Tree } from './trees/trees.ts';
import { shellOf, type Account } from './users.ts';

export interface ProcessDeps {
  /** A directory that only the agent can enter. */
  readonly outputDirectory: string;
  readonly isRoot: boolean;
  readonly secretPatterns: SecretPatterns;
  readonly clock: Clock;
  /** The kernel's counter of out-of-memory kills in this container; null when unknown. */
  readonly readOomKills: () => number | null;
  readonly stopCause: () => StopCause | null;
  readonly onOutput: (processId: string, stream: StreamName, offset: number, data: Buffer) => void;
  readonly onEnd: (process: ManagedProcess) => void;
  /** Bytes of a stream that were given to `onOutput` and could not be sent on. */
  readonly unsentBytes: (processId: string, stream: StreamName) => number;
}

export interface ProcessOrder {
  readonly key: string;
  /** Directory for the output of the process. It is empty, unless `child` is given. */
  readonly directory: string;
  readonly mark: string;
  readonly body: StartProcess;
  readonly account: Account;
  readonly cwd: string;
  readonly environment: Record<string, string>;
  /** A child that has begun the command already, and writes to files in the directory. */
  readonly child?: ChildProcess;
}

interface End {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What went wrong when it could not even be started. */
  readonly startFailure?: string;
}

/** One command started over the agent API, from its start to its result. */
export class ManagedProcess {
  readonly key: string;
  readonly body: StartProcess;
  readonly account: Account;
  readonly startedAt: Date;
  readonly tree: Tree;
  readonly #deps: ProcessDeps;
  readonly #child: ChildProcess | undefined;
  readonly #output: ProcessOutput;
  readonly #log = createRing(MAX_LOG_BYTES);
  readonly #effort = createEffort();
  readonly #changes = createChanges();
  readonly #oomKillsBefore: number | null;
  #result: ProcessResult | undefined;
  #wasCancelled = false;
  #outputBytes = 0;
  #effortSoFar = 0;
  #progress = 0;
  #progressAtMs: number;

  /** Starts the command. Whatever goes wrong is the process's result, `spawn-failed`, told on its stderr. */
  constructor(order: ProcessOrder, deps: ProcessDeps) {
    this.key = order.key;
    this.body = order.body;
    this.account = order.account;
    this.startedAt = deps.clock.now();
    this.#deps = deps;
    this.#progressAtMs = deps.clock.monotonicMs();
    this.#oomKillsBefore = deps.readOomKills();
    const files = order.child ? undefined : this.#createFiles(order.directory);
    this.#output = new ProcessOutput({
      directory: order.directory,
      secretPatterns: deps.secretPatterns,
      clock: deps.clock,
      onOutput: (stream, offset, data) => this.#onOutput(stream, offset, data),
    });
    this.#child = order.child ?? (files && this.#launch(order, files));
    this.#child?.once('exit', (exitCode, signal) => this.#finish({ exitCode, signal }));
    if (files) for (const fd of [files.stdout, files.stderr]) closeSync(fd);
    this.tree = createTree(this.#child?.pid ?? -1, order.mark);
  }

  get isRunning(): boolean {
    return this.#result === undefined;
  }

  get result(): ProcessResult | undefined {
    return this.#result;
  }

  stream(name: StreamName): OutputStore {
    return this.#output.stream(name);
  }

  /** The end of both streams in the order they were read, for people. */
  logTail(): Buffer {
    return this.#log.content();
  }

  /** After the end nobody asks for beginning and end of the output any more; the whole is still in the files. */
  releaseOutput(): void {
    this.#log.clear();
    for (const name of ['stdout', 'stderr'] as const) this.stream(name).ends.release();
  }

  /** Somebody asked for this process to end, so its end is no accident. */
  markCancelled(): void {
    this.#wasCancelled = true;
  }

  omittedBytes(name: StreamName): number {
    return this.stream(name).ends.skipped() + this.#deps.unsentBytes(this.key, name);
  }

  secondsSinceProgress(): number {
    return this.#result ? 0 : (this.#deps.clock.monotonicMs() - this.#progressAtMs) / 1_000;
  }

  status(): ProcessStatus {
    const secondsSinceProgress = this.secondsSinceProgress();
    const bytes = (name: StreamName) => ({ bytes: this.stream(name).ends.bytes(), omitted: this.omittedBytes(name) });
    return {
      processId: this.key,
      state: this.#result ? 'exited' : 'running',
      pid: this.#child?.pid ?? null,
      startTime: this.startedAt.getTime() / 1_000,
      ...(this.#result ? { result: this.#result } : {}),
      streams: { stdout: bytes('stdout'), stderr: bytes('stderr') },
      progress: this.#progress,
      secondsSinceProgress,
      noProgress: this.body.noProgressAfter !== undefined && secondsSinceProgress >= this.body.noProgressAfter,
    };
  }

  /** Resolves when output came or the process ended, or the signal aborts. */
  changed(abort: AbortSignal): Promise<void> {
    return this.#changes.next(abort);
  }

  /** Takes the figures of the tree out of a process table that was just read. */
  sample(table: readonly ProcEntry[]): EffortSample & { readonly members: readonly ProcEntry[] } {
    const { members, newcomers } = updateMembers(this.tree, table);
    const effort = this.#effort.sample(members, newcomers);
    this.#effortSoFar = effort.progress;
    this.#noteProgress();
    return { ...effort, members };
  }

  /** A disk that is full or read-only is no reason for the agent to fail, only for this process. */
  #createFiles(directory: string): OutputFiles | undefined {
    try {
      return createOutputFiles(directory, this.account, this.#deps.isRoot);
    } catch (error) {
      this.#failLater(`The command could not be started, because its output has no file: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Some failures throw and others are events; as an event both come when the caller knows the process. */
  #failLater(startFailure: string): void {
    process.nextTick(() => this.#finish({ exitCode: null, signal: null, startFailure }));
  }

  #onOutput(stream: StreamName, offset: number, data: Buffer): void {
    this.#outputBytes += data.length;
    this.#log.push(data);
    this.#noteProgress();
    if (this.body.output !== 'keep') this.#deps.onOutput(this.key, stream, offset, data);
    this.#changes.notify();
  }

  #launch(order: ProcessOrder, { stdout, stderr }: OutputFiles): ChildProcess | undefined {
    const { body, account, cwd, environment } = order;
    const argv = Array.isArray(body.command) ? body.command : [shellOf(account), '-c', body.command.shell];
    const failed = (error: unknown): void =>
      this.#failLater(`The command could not be started in ${cwd}: ${whyNotIn(cwd) ?? messageOf(error)}`);
    let input: PipeEnds | undefined;
    let child: ChildProcess | undefined;
    try {
      if (body.stdin !== undefined) input = openPipes(this.#deps.outputDirectory, ['stdin']).stdin;
      const stdio = [input?.theirs ?? 'ignore', stdout, stderr] as const;
      child = launch({ argv, account, cwd, environment, stdio });
      // Once a process runs, `error` only tells of a signal that could not be sent.
      if (child.pid === undefined) child.once('error', failed);
      else child.on('error', () => undefined);
      return child;
    } catch (error) {
      failed(error);
      return undefined;
    } finally {
      if (input) this.#writeInput(input, body.stdin ?? '', child);
    }
  }

  #writeInput(input: PipeEnds, text: string, child: ChildProcess | undefined): void {
    closeSync(input.theirs);
    const stream = inputStream(input, this.#deps.clock);
    // A build that closes its stdin early breaks the pipe, which is its own business.
    stream.on('error', () => undefined);
    stream.end(text);
    // What the process has not read by its end, nobody reads.
    child?.once('exit', () => stream.destroy());
  }

  #finish({ exitCode, signal, startFailure }: End): void {
    if (this.#result) return;
    this.#output.finish(startFailure);
    const reason = startFailure === undefined ? this.#reason(exitCode, signal) : 'spawn-failed';
    this.#result = { exitCode, signal, reason, endTime: this.#deps.clock.now().getTime() / 1_000 };
    this.#changes.notify();
    this.#deps.onEnd(this);
  }

  #reason(exitCode: number | null, signal: string | null): ProcessEndReason {
    const oomKills = (this.#deps.readOomKills() ?? 0) - (this.#oomKillsBefore ?? 0);
    return endReason({
      exitCode,
      signal,
      stopCause: this.#deps.stopCause(),
      wasCancelled: this.#wasCancelled,
      oomKills,
    });
  }

  #noteProgress(): void {
    const now = this.#effortSoFar + this.#outputBytes;
    if (now > this.#progress) this.#progressAtMs = this.#deps.clock.monotonicMs();
    this.#progress = now;
  }
}
