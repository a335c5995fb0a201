import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from '../eventually.ts';
import { startOrphanGuard, type OrphanGuard } from '../../testkit/system/orphan-guard.ts';

export const CHECKOUT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/**
 * Environment that config/bootstrap.mjs gives every script: types are stripped and code is compiled once, which is
 * half of a start.
 */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(CHECKOUT, 'node_modules', '.cache', 'node') };

export interface ProgramOptions {
  readonly cwd?: string;
  /** Variables over a small environment; undefined removes a name. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** User of the program; only root may choose. */
  readonly uid?: number;
}

export interface ProgramEnd {
  /** Exit code in the shell's form: 128 + the number for a signal. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

// Far longer than any program here takes on two busy cores: a test that reaches it has failed.
const END_MS = 120_000;

/** A program of the project as a person starts it: in a process group of its own, like a terminal's. */
export class Program {
  readonly child: ChildProcess;
  /** Resolves when the program has ended and its output is closed. */
  readonly ended: Promise<ProgramEnd>;
  #out = '';
  #err = '';
  #all = '';
  #isOver = false;

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
      this.#all += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text;
      this.#all += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#isOver = true;
        resolve({ code: code ?? 128 + SIGNALS[signal ?? 'SIGKILL']!, out: this.#out, err: this.#err });
      });
    });
  }

  /** Starts `node SCRIPT ARG …` with the Node that runs the test. A relative path is one of the checkout. */
  static start(script: string, args: readonly string[], options: ProgramOptions = {}): Program {
    const file = resolve(CHECKOUT, script);
    return Program.startCommand(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], options);
  }

  /** Starts any other program, by its name or path. */
  static startCommand(command: string, args: readonly string[], options: ProgramOptions = {}): Program {
    const environment = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: '/nonexistent',
      LANG: 'C.UTF-8',
      ...COMPILE_CACHE,
      ...options.environment,
    };
    const child = spawn(command, args, {
      cwd: options.cwd ?? '/',
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    return new Program(child);
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  /** Both streams in the order in which they came. */
  get all(): string {
    return this.#all;
  }

  /** Waits for this text in the output. Fails when the program ends without it. */
  async says(text: string | RegExp): Promise<void> {
    const isThere = (): boolean => (typeof text === 'string' ? this.#all.includes(text) : text.test(this.#all));
    await eventually(
      `"${String(text)}"`,
      () => {
        if (isThere()) return true;
        if (this.#isOver) throw new Error(`the program ended without "${String(text)}":\n${this.#all}`);
        return false;
      },
      END_MS,
    );
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#isOver) this.child.kill(name);
  }

  /** Signals the whole group, like Ctrl-C on a terminal. */
  signalGroup(name: NodeJS.Signals): void {
    if (this.#isOver || this.child.pid === undefined) return;
    process.kill(-this.child.pid, name);
  }

  /** Ends a running program: first like a person, then by force. */
  async close(): Promise<ProgramEnd> {
    if (!this.#isOver) {
      this.signal('SIGTERM');
      const force = setTimeout(() => this.signal('SIGKILL'), 30_000);
      await this.ended;
      clearTimeout(force);
    }
    return this.ended;
  }
}

const SIGNALS: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** A temporary directory. A process that still uses it at the end of the test is ended, and fails the test. */
export class Workplace {
  readonly directory: string;
  readonly #guard: OrphanGuard;

  constructor() {
    this.directory = realpathSync(mkdtempSync(join(tmpdir(), 'wip-e2e-')));
    // Started by root, the database runs as another user, who must reach its own directory.
    chmodSync(this.directory, 0o711);
    this.#guard = startOrphanGuard(this.directory);
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Starts a program with `TMPDIR` in this directory, so that its files are made here. */
  start(script: string, args: readonly string[], options: ProgramOptions = {}): Program {
    const program = Program.start(script, args, {
      ...options,
      environment: { TMPDIR: this.directory, ...options.environment },
    });
    onTestFinished(async () => void (await program.close()));
    return program;
  }

  async run(script: string, args: readonly string[], options: ProgramOptions = {}): Promise<ProgramEnd> {
    return this.start(script, args, options).ended;
  }

  /** Waits until no process uses this directory. The error names those that remain. */
  async becomesQuiet(): Promise<void> {
    await eventually('the end of all processes', () => processesIn(this.directory).length === 0, 5_000).catch(() => {
      throw new Error(`still running: ${processesIn(this.directory).map(describe).join(', ')}`);
    });
  }

  async remove(): Promise<void> {
    for (const { pid } of processesIn(this.directory)) killIfThere(pid);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
    await this.#guard.close();
  }
}

export function useWorkplace(): Workplace {
  const place = new Workplace();
  onTestFinished(() => place.remove());
  return place;
}

interface SeenProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/**
 * Returns the processes that have the directory in their command line, in their environment, or as their working
 * directory: the embedded database, containers, and their children. The test itself is left out.
 */
export function processesIn(directory: string): SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const commandLine = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      const isZombie = read(`/proc/${name}/stat`).includes(') Z ');
      const belongs =
        commandLine.includes(directory) ||
        read(`/proc/${name}/environ`).includes(directory) ||
        link(`/proc/${name}/cwd`).startsWith(directory);
      return belongs && !isZombie ? [{ pid: Number(name), commandLine }] : [];
    });
}

function describe({ pid, commandLine }: SeenProcess): string {
  return `${pid} (${commandLine.slice(0, 120)})`;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // The process has ended meanwhile, or belongs to another user and so not to this test.
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // As above.
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process ended by itself.
  }
}
