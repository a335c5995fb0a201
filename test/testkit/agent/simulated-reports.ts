import { exitFields } from '../../../agent/run/signal-fields.ts';
import type { Causes } from '../../../agent/lifecycle/decide-lifecycle.ts';
import { createReporter, type Reporter } from '../../../agent/report/reporter.ts';
import { MAX_CHUNK_BYTES, type Usage } from '../../../shared/protocol/signals.ts';
import type { EnrolmentAnswer } from '../../../shared/protocol/enrolment.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Log } from '../../../shared/system/log.ts';
import { memorySpool } from './memory-spool.ts';
import { SIMULATED_VERSION } from './simulated-api-handlers.ts';
import { completeFields, type SimulatedProcess } from './simulated-process.ts';
import { outputFields, type Stopping } from './simulated-signals.ts';
import type { SimulatedWorkload } from './simulated-workload.ts';

export interface ReportsDeps {
  readonly environment: Readonly<Record<string, string>>;
  readonly enrolment: EnrolmentAnswer;
  readonly workload: SimulatedWorkload;
  readonly usage: () => Usage;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** What an agent says about its end. */
export interface End {
  readonly stopping: Stopping;
  readonly causes: Causes;
  readonly exitCode: number;
  readonly wasReady: boolean;
  /** Time before the exit signal. */
  readonly pauseMs: number;
}

// A chunk is sent in Base64, which takes four bytes for three, between a few other fields.
const CHUNK_BYTES = MAX_CHUNK_BYTES / 2;
// A flood is counted in full, and people are shown its beginning.
const MOST_CHUNKS = 4;

/** Everything that a simulated agent tells the control plane after its enrolment. */
export class SimulatedReports {
  readonly #deps: ReportsDeps;
  readonly #reporter: Reporter;
  readonly #completed = new Set<SimulatedProcess>();

  constructor(deps: ReportsDeps) {
    const { environment, enrolment, clock, random, log } = deps;
    this.#deps = deps;
    this.#reporter = createReporter({
      clock,
      random,
      log,
      signalUrl: environment['SIGNAL_URL'] ?? '',
      signalBody: JSON.parse(environment['SIGNAL_BODY'] ?? '{}') as Record<string, unknown>,
      key: Buffer.from(enrolment.key, 'base64'),
      keyId: enrolment.keyId,
      spool: memorySpool(),
      readOutput: (_process, _stream, offset) => ({ offset, data: Buffer.alloc(0) }),
    });
  }

  async ready(sshPort: number): Promise<void> {
    await this.#reporter.signal('ready', {
      pid: process.pid,
      startTime: this.#deps.clock.now().getTime() / 1_000,
      host: '127.0.0.1',
      ports: { 22: sshPort },
      initialDisk: 0,
      isolation: 'none',
      agentVersion: SIMULATED_VERSION,
    });
  }

  async sendHeartbeats(abort: AbortSignal): Promise<void> {
    const { clock, enrolment, usage: readUsage } = this.#deps;
    for (;;) {
      await clock.sleep(enrolment.heartbeatSeconds * 1_000, abort);
      if (abort.aborted) return;
      const usage = readUsage();
      this.#reporter.heartbeat({
        at: clock.now().toISOString(),
        usage,
        progress: usage.output.bytes,
        secondsToTimeLimit: null,
        secondsToDiskLimit: null,
      });
    }
  }

  /** Reports the output and the end of a process, once. */
  async complete(process: SimulatedProcess): Promise<void> {
    if (this.#completed.has(process)) return;
    this.#completed.add(process);
    for (const stream of ['stdout', 'stderr'] as const) {
      if (process.body.output === 'keep') break;
      const end = Math.min(process.bytes(stream), MOST_CHUNKS * CHUNK_BYTES);
      for (let offset = 0; offset < end; offset += CHUNK_BYTES) {
        this.#reporter.chunk(process.key, stream, offset, process.read(stream, offset, CHUNK_BYTES));
      }
    }
    await this.#reporter.signal('processComplete', completeFields(process));
  }

  /** Says the last words in their order, and returns what became of them. */
  async end({ stopping, causes, exitCode, wasReady, pauseMs }: End, abort: AbortSignal): ReturnType<Reporter['flush']> {
    const { workload, clock, usage } = this.#deps;
    if (stopping.process || !wasReady) await this.#reporter.signal('output', outputFields(stopping, causes));
    for (const one of workload.all()) if (one.result) await this.complete(one);
    await clock.sleep(pauseMs, abort);
    await this.#reporter.signal('exit', exitFields(causes, exitCode, usage()));
    return this.#reporter.flush(abort);
  }

  close(): Promise<void> {
    return this.#reporter.close();
  }
}
