import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { OperationalError } from '../../shared/model/error.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { ProcessStatus, SignalProcess, StartProcess } from '../../shared/protocol/agent-api.ts';
import type { BuildToolStandby } from './build-tool-standby.ts';
import { findDeletedFiles, type DeletedFiles } from './trees/deleted-files.ts';
import { createIdleness } from './idleness.ts';
import { workingDirectory } from './launch.ts';
import { ManagedProcess, type ProcessDeps } from './managed-process.ts';
import { readProcTable } from '../../shared/system/proc-table.ts';
import { processEnvironment, type EnvironmentOrder, type ContainerEnvironment } from './process-environment.ts';
import type { Reaper } from './trees/reaper.ts';
import type { Tree } from './trees/trees.ts';
import type { Account } from './users.ts';
import { WorkloadSamples } from './trees/workload-samples.ts';
import { WorkloadTrees } from './trees/workload-trees.ts';

export interface WorkloadDeps extends Omit<ProcessDeps, 'stopCause' | 'onEnd'>, ContainerEnvironment {
  /** Called after each start of a process or an SSH command that finds nothing else running. */
  readonly onStarted: () => void;
  readonly onEnd: (process: ManagedProcess) => void;
  /** Returns the account. Throws REQUEST_INVALID when the container has no such user. */
  readonly accountOf: (user: string | undefined) => Account;
  readonly newMark: () => string;
  /** Adopts orphaned children of the build; undefined where other programs share it. */
  readonly reaper?: Reaper | undefined;
  /** Undefined in a container that is not expected to run the build tool. */
  readonly standby?: BuildToolStandby | undefined;
}

/** Figures of all processes together, over the life of the container. */
export interface WorkloadFigures {
  readonly cpuSeconds: number;
  readonly memoryPeakBytes: number;
  readonly processesPeak: number;
  readonly processesStarted: number;
  readonly progress: number;
}

/** All processes started for the build, by key, and the trees that grew out of them. */
export class Workload {
  readonly #deps: WorkloadDeps;
  readonly #processes = new Map<string, ManagedProcess>();
  readonly #trees: WorkloadTrees;
  readonly #samples: WorkloadSamples;
  #secure: Readonly<Record<string, string>> | null = null;
  #stopCause: StopCause | null = null;
  #frozen = false;
  /** Idleness of the build, as the search for deleted files sees it. */
  readonly idleness = createIdleness();

  constructor(deps: WorkloadDeps) {
    this.#deps = deps;
    this.#trees = new WorkloadTrees(() => this.all(), deps.reaper, deps.clock);
    this.#samples = new WorkloadSamples(this.#trees, deps.reaper);
  }

  get hasSecureEnvironment(): boolean {
    return this.#secure !== null;
  }

  /**
   * Keeps secure variables, in memory only and masked in every output. The same variables again are accepted; others
   * are refused.
   */
  putEnvironment(secure: Readonly<Record<string, string>>): void {
    if (this.#secure !== null && !isDeepStrictEqual(this.#secure, secure)) {
      throw new OperationalError('PROCESS_CONFLICT', {
        happened: 'The secure environment of this container is already set, to other values',
        remedy: 'Set it once per container; start a new container for other values',
      });
    }
    this.#deps.secretPatterns.add(Object.values(secure));
    this.#secure = secure;
  }

  /** Starts the command, or returns the process that was started under this key before. */
  start(key: string, body: StartProcess): { process: ManagedProcess; isNew: boolean } {
    const existing = this.#processes.get(key);
    if (existing) {
      if (isDeepStrictEqual(existing.body, body)) return { process: existing, isNew: false };
      throw new OperationalError('PROCESS_CONFLICT', {
        happened: `The process ${key} was started with another command, user, environment or input`,
        remedy: 'Use a new key for a new command',
      });
    }
    this.#refuseWhenFrozen();
    this.#deps.secretPatterns.add(Object.values(body.secureEnvironment ?? {}));
    const account = this.#deps.accountOf(body.user);
    const mark = this.#deps.newMark();
    const order = {
      key,
      directory: join(this.#deps.outputDirectory, String(this.#processes.size + 1)),
      mark,
      body,
      account,
      cwd: workingDirectory(account, body.cwd),
      environment: processEnvironment(this.#deps, {
        account,
        mark,
        secure: this.#secure ?? {},
        given: [body.environment ?? {}, body.secureEnvironment ?? {}],
      }),
    };
    // Orphaned children that exist already do not belong to this process.
    this.#trees.adopt(readProcTable());
    const taken = this.#deps.standby?.take(order);
    const process = new ManagedProcess({ ...order, ...taken }, { ...this.#deps, stopCause: () => this.#stopCause });
    this.#processes.set(key, process);
    this.idleness.started();
    this.#deps.onStarted();
    return { process, isNew: true };
  }

  /** Returns the environment of an SSH command, which gets no secure variables. */
  environmentOf(account: Account, mark: string, given: EnvironmentOrder['given']): Record<string, string> {
    return processEnvironment(this.#deps, { account, mark, given, secure: {} });
  }

  /** Returns the process of this key. Throws PROCESS_UNKNOWN. */
  find(key: string): ManagedProcess {
    const process = this.#processes.get(key);
    if (process) return process;
    throw new OperationalError('PROCESS_UNKNOWN', {
      happened: `No process was started under the key ${key} in this container`,
      remedy: 'Start it, or check that this is the right container',
    });
  }

  all(): ManagedProcess[] {
    return [...this.#processes.values()];
  }

  running(): ManagedProcess[] {
    return this.all().filter((process) => process.isRunning);
  }

  statuses(): ProcessStatus[] {
    return this.all().map((process) => process.status());
  }

  /**
   * Signals the whole tree. Any signal but STOP and CONT marks the process as ended on request; KILL follows after
   * the grace.
   */
  async signal(key: string, request: SignalProcess): Promise<void> {
    const process = this.find(key);
    const { signal, graceSeconds } = request;
    if (process.isRunning && ['TERM', 'INT', 'HUP', 'QUIT', 'KILL'].includes(signal)) process.markCancelled();
    if (graceSeconds === undefined) return void this.#trees.signal([process.tree], `SIG${signal}`);
    const killNow = new AbortController().signal;
    await this.#trees.endOne(process.tree, { firstSignal: `SIG${signal}`, graceMs: graceSeconds * 1_000, killNow });
  }

  /** Adopts an SSH command of the account: from now on its tree belongs to the workload. */
  adoptSession(leaderPid: number, mark: string): Tree {
    this.idleness.started();
    const wasActive = this.isActive;
    this.#samples.sessionStarted();
    if (!wasActive) this.#deps.onStarted();
    return this.#trees.adoptSession(leaderPid, mark);
  }

  endSession(tree: Tree): void {
    this.#trees.endSession(tree);
  }

  /** Stops all further starts. Every later end of a process gets this cause. */
  freeze(cause: StopCause): void {
    this.#frozen = true;
    this.#deps.standby?.end();
    this.#stopCause ??= cause;
  }

  #refuseWhenFrozen(): void {
    if (!this.#frozen) return;
    throw new OperationalError('AGENT_STOPPING', {
      happened: 'The container is being stopped and starts nothing more',
      remedy: 'Start the command in another container',
    });
  }

  /** The directory in which the pipes of an SSH command begin; only the agent can enter it. */
  get pipeDirectory(): string {
    return this.#deps.outputDirectory;
  }

  /** Read by the SSH server before each command. */
  get isFrozen(): boolean {
    return this.#frozen;
  }

  /** Whether the next sample has a subject: a process runs, or has left others behind. */
  get isActive(): boolean {
    return this.#samples.living > 0 || this.running().length > 0;
  }

  /**
   * Sends TERM, then KILL after the grace or when `killNow` aborts. Returns how many processes survived even that.
   */
  end(graceMs: number, killNow: AbortSignal): Promise<number> {
    return this.#trees.end({ firstSignal: 'SIGTERM', graceMs, killNow });
  }

  /** Signals every tree at once: STOP while a measurement is repeated, CONT after it, KILL when no time is left. */
  signalAll(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#trees.signal(this.#trees.all(), signal);
  }

  /** Takes a sample of all processes. Called once a second while one lives. */
  sample(): void {
    this.#samples.take(this.all());
  }

  /** Returns files that the build has deleted and holds open: no walk of the directories finds their size. */
  async deletedFiles(): Promise<DeletedFiles> {
    const living = this.#trees.livingProcesses();
    this.idleness.diskMeasured(living.length);
    const found = await findDeletedFiles(living.map(({ pid }) => pid));
    // Without a reaper a process can leave every tree, and its open files are not found.
    return { ...found, isComplete: found.isComplete && this.#deps.reaper !== undefined };
  }

  /** Returns how much disk the output files take. */
  outputBytesOnDisk(): number {
    const ofProcess = (process: ManagedProcess): number =>
      process.stream('stdout').bytesOnDisk() + process.stream('stderr').bytesOnDisk();
    return this.all().reduce((sum, process) => sum + ofProcess(process), 0);
  }

  figures(): WorkloadFigures {
    if (this.#deps.reaper) this.sample();
    return {
      cpuSeconds: this.#samples.cpuSeconds(this.running()),
      memoryPeakBytes: this.#samples.memoryPeakBytes,
      processesPeak: this.#samples.processesPeak,
      processesStarted: this.#processes.size,
      progress: this.statuses().reduce((sum, status) => sum + status.progress, 0),
    };
  }
}
