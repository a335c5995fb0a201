import { isDeepStrictEqual } from 'node:util';
import { OperationalError } from '../../../shared/model/error.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import type { SignalProcess, StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { Usage } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { simulatedUsage } from '../simulated-usage.ts';
import { sameProcess, SimulatedProcess, type Behaviour } from './simulated-process.ts';

export interface SimulatedWorkloadDeps {
  readonly behave: Behaviour;
  /** The container's environment, given by ECS. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly startedAt: Date;
  /** Called when a process is really started: never twice for the same key in one container. */
  readonly onStart: (key: string, body: StartProcess) => void;
  readonly onEnd: (process: SimulatedProcess) => void;
  /** Called with the bytes of output and files, after each start and each file. */
  readonly onBytes: (bytes: number) => void;
}

// A number that no real process has on the same machine: PID_MAX_LIMIT of Linux is 2^22.
const FIRST_PID = 5_000_000;

/** The processes started in one simulated container, and the files written into it. */
export class SimulatedWorkload {
  readonly #files = new Map<string, Buffer>();
  readonly #deps: SimulatedWorkloadDeps;
  readonly #processes = new Map<string, SimulatedProcess>();
  #secure: Readonly<Record<string, string>> | null = null;
  #stopCause: StopCause | null = null;

  constructor(deps: SimulatedWorkloadDeps) {
    this.#deps = deps;
  }

  get hasSecureEnvironment(): boolean {
    return this.#secure !== null;
  }

  putEnvironment(secure: Readonly<Record<string, string>>): void {
    if (this.#secure !== null && !isDeepStrictEqual(this.#secure, secure)) {
      throw new OperationalError('PROCESS_CONFLICT', {
        happened: 'The secure environment of this container is already set, to other values',
        remedy: 'Set it once per container; start a new container for other values',
      });
    }
    this.#secure = secure;
  }

  start(key: string, body: StartProcess): { process: SimulatedProcess; isNew: boolean } {
    const existing = this.#processes.get(key);
    if (existing) return { process: sameProcess(existing, body), isNew: false };
    if (this.#stopCause) {
      throw new OperationalError('AGENT_STOPPING', {
        happened: 'This container is stopping and starts nothing new',
        remedy: 'Start the process in another container',
      });
    }
    const { behave, environment, clock, onStart, onEnd } = this.#deps;
    const script = behave(body, { key, environment, secure: this.#secure ?? {} });
    const pid = FIRST_PID + this.#processes.size;
    const process = new SimulatedProcess(key, body, script, {
      clock,
      pid,
      onEnd,
      onFiles: (files) => {
        for (const [path, text] of Object.entries(files)) this.writeFile(path, Buffer.from(text));
      },
      onOutput: () => this.#deps.onBytes(this.#bytes()),
    });
    this.#processes.set(key, process);
    onStart(key, body);
    this.#deps.onBytes(this.#bytes());
    return { process, isNew: true };
  }

  writeFile(path: string, content: Buffer): void {
    this.#files.set(path, content);
    this.#deps.onBytes(this.#bytes());
  }

  readFile(path: string): Buffer | undefined {
    return this.#files.get(path);
  }

  find(key: string): SimulatedProcess {
    const process = this.#processes.get(key);
    if (process) return process;
    throw new OperationalError('PROCESS_UNKNOWN', {
      happened: `No process was started under the key ${key} in this container`,
      remedy: 'Start it, or check that this is the right container',
    });
  }

  all(): SimulatedProcess[] {
    return [...this.#processes.values()];
  }

  running(): SimulatedProcess[] {
    return this.all().filter((process) => process.isRunning);
  }

  signal(key: string, { signal }: SignalProcess): void {
    const process = this.find(key);
    // Scripts have no signal handlers: every signal that would end a program ends the script.
    if (signal === 'KILL') process.end('SIGKILL', 'cancelled');
    else if (signal !== 'STOP' && signal !== 'CONT') process.end('SIGTERM', 'cancelled');
  }

  /** Refuses all further starts. */
  freeze(cause: StopCause): void {
    this.#stopCause ??= cause;
  }

  endAll(): void {
    for (const process of this.running()) process.end('SIGTERM', this.#stopCause ?? 'killed');
  }

  vanish(): void {
    for (const process of this.all()) process.vanish();
  }

  #outputBytes(): number {
    return this.all().reduce((sum, one) => sum + one.bytes('stdout') + one.bytes('stderr'), 0);
  }

  #bytes(): number {
    return [...this.#files.values()].reduce((sum, file) => sum + file.length, this.#outputBytes());
  }

  /** `told`: what a container's script says of its disk and memory. */
  usage(told: { readonly diskBytes: number; readonly memoryBytes: number | null }): Usage {
    return {
      ...simulatedUsage({
        wallSeconds: (this.#deps.clock.now().getTime() - this.#deps.startedAt.getTime()) / 1_000,
        cpuSeconds: 0,
        memoryPeakBytes: told.memoryBytes,
        diskBytes: this.#bytes() + told.diskBytes,
        processes: this.#processes.size,
        outputBytes: this.#outputBytes(),
      }),
      network: null,
    };
  }
}
