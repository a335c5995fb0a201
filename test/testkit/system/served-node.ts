import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

// Compiled or not, the program has the ending of this file.
const PROGRAM = path.join(import.meta.dirname, `../../../controlplane/main${path.extname(import.meta.filename)}`);
const READY_MS = 60_000;
const END_MS = 60_000;
// Number of log lines kept of a node: as many as can be shown.
const LOG_LINES = 5_000;

export interface ServedNodeOptions {
  readonly databaseUrl: string;
  readonly directory: string;
  readonly masterKey: Buffer;
  /** Program to run instead of this checkout's own. */
  readonly program?: string;
  /** Environment variables beside those that every node of a test gets. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Arguments after `serve`. */
  readonly args?: readonly string[];
  readonly onLogLine?: (line: string) => void;
}

/** `wipctl serve` as a process of its own. */
export class ServedNode {
  /** The address for agents and people. */
  readonly url: string;
  /** The address that this very node listens on. */
  readonly address: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #log: LogLine[];

  private constructor(child: ChildProcess, log: LogLine[]) {
    this.#child = child;
    this.#log = log;
    this.pid = child.pid ?? 0;
    this.url = String(log.find(isReady)?.['url']);
    this.address = String(log.find(isReady)?.['address'] ?? this.url);
  }

  static async start(options: ServedNodeOptions): Promise<ServedNode> {
    const { databaseUrl, directory, masterKey, program = PROGRAM, settings, args = [], onLogLine } = options;
    const nodeArgs = ['--disable-warning=ExperimentalWarning', ...(options.nodeArgs ?? [])];
    const child = spawn(process.execPath, [...nodeArgs, program, 'serve', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        WIP_MODE: 'development', // permits local ECS and its http
        WIP_PORT: '0',
        WIP_DATA_DIR: path.join(directory, 'node'),
        WIP_DATABASE_URL: databaseUrl,
        WIP_MASTER_KEY: masterKey.toString('base64'),
        ...settings,
      },
    });
    const log: LogLine[] = [];
    const ready = Promise.withResolvers<void>();
    child.once('exit', () => {
      ready.reject(new Error(`the node ended: ${log.map((line) => String(line['msg'])).join('; ')}`));
    });
    const late = setTimeout(() => ready.reject(new Error(`no node was ready within ${READY_MS} ms`)), READY_MS);
    createInterface({ input: child.stderr }).on('line', (text) => {
      onLogLine?.(`${text}\n`);
      const line = parseLine(text);
      log.push(line);
      log.splice(0, log.length - LOG_LINES);
      if (isReady(line)) ready.resolve();
    });
    try {
      await ready.promise;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(late);
    }
    return new ServedNode(child, log);
  }

  /** Returns messages of warnings and errors with their number, the most frequent first. */
  get complaints(): (readonly [string, string])[] {
    const counts = new Map<string, number>();
    for (const { level, msg, err } of this.#log) {
      if (!COMPLAINTS.has(String(level))) continue;
      const text = [msg, (err as { message?: string } | undefined)?.message].filter(Boolean).join(': ');
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return [...counts].toSorted((a, b) => b[1] - a[1]).map(([text, count]) => [text, String(count)]);
  }

  /** Kills the node, as if its machine were gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** The exit code, or the signal that ended it; null while it runs. */
  get ending(): number | NodeJS.Signals | null {
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  close(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(late);
  }
}

type LogLine = Readonly<Record<string, unknown>>;

const COMPLAINTS: ReadonlySet<string> = new Set(['warn', 'error', 'fatal']);

function isReady({ msg }: LogLine): boolean {
  return msg === 'control plane is ready';
}

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { msg: text, level: 'error' }; // The line is not from the log: another program wrote it.
  }
}
