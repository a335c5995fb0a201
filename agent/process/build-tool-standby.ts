import type { ChildProcess } from 'node:child_process';
import { closeSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { STANDBY_ARGUMENT, type BuildOrder } from '../../shared/protocol/build-order.ts';
import { readEntry } from '../../shared/system/proc-table.ts';
import { standbyCommand, type StandbyRequest } from './decide-standby.ts';
import { launch, workingDirectory } from './launch.ts';
import { createOutputFiles } from './output/output-files.ts';
import { isOwnProgram } from './own-program.ts';
import { PROCESS_MARK } from './trees/trees.ts';
import type { Account } from './users.ts';

export interface BuildToolStandbyDeps {
  /** Command that starts the agent's own program. */
  readonly selfCommand: readonly string[];
  /** The only account whose commands it takes. */
  readonly account: Account;
  readonly isRoot: boolean;
  /** A directory that only the agent can enter. */
  readonly outputDirectory: string;
  /** Returns the environment of a process of the account that nobody has given anything to. */
  readonly environmentOf: (mark: string) => Record<string, string>;
  readonly newMark: () => string;
}

/** A command that a build tool has begun which was started before. */
export interface TakenStandby {
  readonly child: ChildProcess;
  readonly mark: string;
}

interface Waiting extends TakenStandby {
  readonly cwd: string;
  readonly language: string;
  /** Has the files that the child writes its output to. */
  readonly directory: string;
}

interface TakingRequest extends StandbyRequest {
  /** Where the output of the request belongs. Does not exist yet. */
  readonly directory: string;
}

/** A build has two commands of the build tool, `export` and `run`. */
const MOST_STARTS = 2;

/**
 * Has a build tool started before its command comes, since loading it takes longer than a small build. It is a child
 * like any other of the build's user, started in the same way, with nothing secret in its environment. One of its
 * commands becomes its own when it is exactly what the agent would have started; everything else is started as ever.
 */
export class BuildToolStandby {
  readonly #deps: BuildToolStandbyDeps;
  #waiting: Waiting | undefined;
  #starts = 0;

  constructor(deps: BuildToolStandbyDeps) {
    this.#deps = deps;
  }

  /**
   * Starts a build tool if none waits, two in all at the most. A failure to start one is ignored, because every command
   * can be started without.
   */
  prepare(): void {
    if (this.#waiting || this.#starts >= MOST_STARTS) return;
    this.#starts += 1;
    const directory = join(this.#deps.outputDirectory, `standby-${this.#starts}`);
    try {
      this.#waiting = this.#start(directory);
    } catch {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /**
   * Gives the request to the build tool that waits. Returns undefined when there is none, or when the request is not
   * for it: then the command is to be started.
   */
  take(request: TakingRequest): TakenStandby | undefined {
    const waiting = this.#waiting;
    if (!waiting || !isAlive(waiting.child)) return undefined;
    const argv = this.#argvFor(request, waiting);
    if (argv === undefined || !moved(waiting.directory, request.directory)) return undefined;
    this.#waiting = undefined;
    const environment = { ...request.environment, [PROCESS_MARK]: waiting.mark };
    const order: BuildOrder = { argv: [...argv], cwd: request.cwd, environment };
    waiting.child.stdin?.end(JSON.stringify(order));
    // Starts the next one only after whoever ordered this command has been answered.
    setImmediate(() => this.prepare());
    return { child: waiting.child, mark: waiting.mark };
  }

  /** Nothing is taken any more. The child has nothing to finish. */
  end(): void {
    this.#starts = MOST_STARTS;
    this.#waiting?.child.kill('SIGKILL');
    this.#waiting = undefined;
  }

  #argvFor(request: TakingRequest, { cwd, language }: Waiting): readonly string[] | undefined {
    const { account, selfCommand } = this.#deps;
    const command = standbyCommand(request, { account, cwd, language });
    const where = { path: request.environment['PATH'] ?? '', cwd };
    return command && isOwnProgram(command.program, where, selfCommand) ? command.argv : undefined;
  }

  #start(directory: string): Waiting {
    const { selfCommand, account, isRoot, environmentOf, newMark } = this.#deps;
    const mark = newMark();
    const environment = environmentOf(mark);
    const cwd = workingDirectory(account, undefined);
    const { stdout, stderr } = createOutputFiles(directory, account, isRoot);
    try {
      const child = launch({
        argv: [...selfCommand, 'build', STANDBY_ARGUMENT],
        account,
        cwd,
        environment,
        // A pair of sockets, which nobody else can open by a name to give an order.
        stdio: ['pipe', stdout, stderr],
      });
      const forget = (): void => {
        if (this.#waiting?.child === child) this.#waiting = undefined;
      };
      child.on('error', forget);
      child.once('exit', forget);
      // A child that ended has not read its order; its end says so.
      child.stdin?.on('error', () => undefined);
      return { child, mark, directory, cwd, language: environment['LANG'] ?? '' };
    } finally {
      for (const fd of [stdout, stderr]) closeSync(fd);
    }
  }
}

/** Reads the process table too: Node has not heard yet of an end in this moment. */
function isAlive({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  return readEntry(pid)?.isZombie === false;
}

function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false; // a full or read-only disk: the ordinary start meets it too, and says so
  }
}
