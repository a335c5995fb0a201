import { isDeepStrictEqual } from 'node:util';
import { OperationalError } from '../../shared/model/error.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { ProcessStatus, SignalProcess, StartProcess } from '../../shared/protocol/agent-api.ts';
import { createCpuTime } from './cpu-time.ts';
import { findDeletedFiles, type DeletedFiles } from './deleted-files.ts';
import { createIdleness } from './idleness.ts';
import { workingDirectory } from './launch.ts';
import { ManagedProcess, type ProcessWorld } from './managed-process.ts';
import { PAGE_BYTES, readProcTable } from './proc-table.ts';
import { processEnvironment, type EnvironmentOrder, type EnvironmentWorld } from './process-environment.ts';
import { createTree, endTrees, lookClosely, signalTrees, type Tree } from './trees.ts';
import type { Account } from './users.ts';

export interface WorkloadWorld extends Omit<ProcessWorld, 'stopCause' | 'onEnd'>, EnvironmentWorld {
  readonly onEnd: (process: ManagedProcess) => void;
  /** Throws REQUEST_INVALID when there is no such user here. */
  readonly accountOf: (user: string | undefined) => Account;
  readonly newMark: () => string;
}

/** Of all processes together, while the container lives. */
export interface WorkloadFigures {
  readonly cpuSeconds: number;
  readonly memoryPeakBytes: number;
  readonly processesPeak: number;
  readonly processesStarted: number;
  readonly progress: number;
}

/** Everything that was started for the build, by key, and the trees that grew out of it. */
export class Workload {
  readonly #world: WorkloadWorld;
  readonly #processes = new Map<string, ManagedProcess>();
  /** SSH commands: no key, no report, but they end with the container like everything else. */
  readonly #sessions = new Set<Tree>();
  #secure: Readonly<Record<string, string>> | null = null;
  #stopCause: StopCause | null = null;
  #frozen = false;
  readonly #cpuTime = createCpuTime();
  /** Of the build as whoever asks for deleted files sees it. */
  readonly idleness = createIdleness();
  #memoryPeakBytes = 0;
  #processesPeak = 0;
  /** Told after each start, for whoever looks at what runs. */
  onStarted: () => void = () => undefined;

  constructor(world: WorkloadWorld) {
    this.#world = world;
  }

  get hasSecureEnvironment(): boolean {
    return this.#secure !== null;
  }

  /** Kept in memory only, masked wherever it could come out. The same again is fine; another one is not. */
  putEnvironment(secure: Readonly<Record<string, string>>): void {
    if (this.#secure !== null && !isDeepStrictEqual(this.#secure, secure)) {
      throw new OperationalError('PROCESS_CONFLICT', {
        happened: 'The secure environment of this container is already set, to other values',
        remedy: 'Set it once per container; start a new container for other values',
      });
    }
    this.#world.needles.add(Object.values(secure));
    this.#secure = secure;
  }

  /** Starts the command, or answers the one that was started under this key before. */
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
    this.#world.needles.add(Object.values(body.secureEnvironment ?? {}));
    const account = this.#world.accountOf(body.user);
    const mark = this.#world.newMark();
    const order = {
      key,
      number: this.#processes.size + 1,
      mark,
      body,
      account,
      cwd: workingDirectory(account, body.cwd),
      environment: processEnvironment(this.#world, {
        account,
        mark,
        secure: this.#secure ?? {},
        given: [body.environment ?? {}, body.secureEnvironment ?? {}],
      }),
    };
    const process = new ManagedProcess(order, { ...this.#world, stopCause: () => this.#stopCause });
    this.#processes.set(key, process);
    this.idleness.started();
    this.onStarted();
    return { process, isNew: true };
  }

  /** Of an SSH command, which gets no secure variables. */
  environmentOf(account: Account, mark: string, given: EnvironmentOrder['given']): Record<string, string> {
    return processEnvironment(this.#world, { account, mark, given, secure: {} });
  }

  /** Throws PROCESS_UNKNOWN. */
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

  /** To the whole tree. Anything but STOP and CONT ends the process by somebody's wish; KILL follows after the grace. */
  async signal(key: string, request: SignalProcess): Promise<void> {
    const process = this.find(key);
    const { signal, graceSeconds } = request;
    if (process.isRunning && ['TERM', 'INT', 'HUP', 'QUIT', 'KILL'].includes(signal)) process.markCancelled();
    if (graceSeconds === undefined) return void signalTrees([process.tree], `SIG${signal}`);
    await endTrees({
      trees: () => [process.tree],
      firstSignal: `SIG${signal}`,
      graceMs: graceSeconds * 1_000,
      killNow: new AbortController().signal,
      clock: this.#world.clock,
    });
  }

  /** An SSH command of the account belongs to us from now on. */
  adoptSession(leaderPid: number, mark: string): Tree {
    const tree = createTree(leaderPid, mark);
    this.#sessions.add(tree);
    this.idleness.started();
    return tree;
  }

  /** What the command left behind (a daemon, say) stays ours; without anything left the session is forgotten. */
  endSession(tree: Tree): void {
    if (lookClosely([tree]).length === 0) this.#sessions.delete(tree);
  }

  /** From now on nothing starts; how a process ends is put down to this cause. */
  freeze(cause: StopCause): void {
    this.#frozen = true;
    this.#stopCause ??= cause;
  }

  #refuseWhenFrozen(): void {
    if (!this.#frozen) return;
    throw new OperationalError('AGENT_STOPPING', {
      happened: 'The container is being stopped and starts nothing more',
      remedy: 'Start the command in another container',
    });
  }

  /** For the SSH server, which asks before each command. */
  get isFrozen(): boolean {
    return this.#frozen;
  }

  trees(): Tree[] {
    return [...this.all().map((process) => process.tree), ...this.#sessions];
  }

  /** TERM, then KILL after the grace or when `killNow` aborts. Answers how many survived even that. */
  end(graceMs: number, killNow: AbortSignal): Promise<number> {
    return endTrees({
      trees: () => this.trees(),
      firstSignal: 'SIGTERM',
      graceMs,
      killNow,
      clock: this.#world.clock,
    });
  }

  /** To every tree at once: STOP while a measurement is repeated, CONT after it, KILL when no time is left. */
  signalAll(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    signalTrees(this.trees(), signal);
  }

  /** One look at the process table for all trees; called once a second while something runs. */
  sample(): void {
    const table = readProcTable();
    let pages = 0;
    let processes = 0;
    for (const process of this.all()) {
      const figures = process.sample(table);
      this.#cpuTime.sampled(process.key, figures.cpuTicks);
      pages += figures.residentPages;
      processes += figures.processes;
    }
    this.#memoryPeakBytes = Math.max(this.#memoryPeakBytes, pages * PAGE_BYTES);
    this.#processesPeak = Math.max(this.#processesPeak, processes);
  }

  /** Files that the build has deleted and holds open: no walk finds what they take. */
  deletedFiles(): Promise<DeletedFiles> {
    const living = lookClosely(this.trees());
    this.idleness.looked(living.length);
    return findDeletedFiles(living.map(({ pid }) => pid));
  }

  /** What the output files take on the disk. */
  outputBytesOnDisk(): number {
    const ofProcess = (process: ManagedProcess): number =>
      process.stream('stdout').bytesOnDisk() + process.stream('stderr').bytesOnDisk();
    return this.all().reduce((sum, process) => sum + ofProcess(process), 0);
  }

  figures(): WorkloadFigures {
    return {
      cpuSeconds: this.#cpuTime.seconds(this.running().map(({ key }) => key)),
      memoryPeakBytes: this.#memoryPeakBytes,
      processesPeak: this.#processesPeak,
      processesStarted: this.#processes.size,
      progress: this.statuses().reduce((sum, status) => sum + status.progress, 0),
    };
  }
}
