import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { ProcessStatus, StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { ReadySignal } from '../../../shared/protocol/signals.ts';
import { createDirectoryPlace, type AgentPlace } from './agent-place.ts';
import { CHECKOUT, COMPILE_CACHE } from '../programs/program.ts';
import { callAgent, type ApiAnswer } from './call-agent.ts';
import { eventually } from '../eventually.ts';
import { FakeControlPlane, type FakeControlPlaneOptions } from './fake-control-plane.ts';

/** Set once the bundle is known to be newer than its sources. */
let bundle: string | undefined;

export interface AgentProcessOptions extends FakeControlPlaneOptions {
  /** Content of config.ini; every key has a default. */
  readonly config?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly controlPlane?: FakeControlPlane;
  /** The command that starts `wip-agent`; see agentCommand(). */
  readonly command?: readonly string[];
  /** The agent's place. By default a directory of its own; a given container already has the configuration. */
  readonly place?: AgentPlace;
}

/**
 * Returns the program that the agent's tests are about: the agent in one file, as the package has it, made of the sources
 * as they are; or the compiled binary that WIP_AGENT_BINARY names (`npm test` builds one and runs the tests with both).
 * Loading the sources one by one would take twice the processor time, at each start of an agent and of its own commands.
 */
export function agentCommand(): readonly string[] {
  const binary = process.env['WIP_AGENT_BINARY'];
  if (binary) return [binary];
  bundle ??= buildBundle();
  return [process.execPath, bundle];
}

function buildBundle(): string {
  const script = join(CHECKOUT, 'config', 'build.ts');
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', script, 'bundle'], {
    env: { ...process.env, ...COMPILE_CACHE },
  });
  return join(CHECKOUT, 'dist', 'wip-agent.cjs');
}

/** A real agent as a child process in a place of its own, with a control plane for it alone. */
export class AgentProcess {
  /** The agent's directory; empty in a container. */
  readonly root: string;
  readonly controlPlane: FakeControlPlane;
  readonly child: ChildProcess;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly #place: AgentPlace;
  #log = '';

  private constructor(place: AgentPlace, controlPlane: FakeControlPlane, options: AgentProcessOptions) {
    this.root = place.environment['WIP_AGENT_ROOT'] ?? '';
    this.controlPlane = controlPlane;
    this.#place = place;
    const environment = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      ...COMPILE_CACHE,
      ...place.environment,
      ...controlPlane.environment,
      ...options.environment,
    };
    const argv = place.command([...(options.command ?? agentCommand()), 'run']);
    this.child = spawn(argv[0] ?? '', argv.slice(1), { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    place.started(this.child.pid ?? 0);
    this.child.stderr?.on('data', (data: Buffer) => (this.#log += data.toString()));
    this.ended = new Promise((resolve) =>
      this.child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')),
    );
  }

  static async start(options: AgentProcessOptions = {}): Promise<AgentProcess> {
    const place = options.place ?? createDirectoryPlace(options.config ?? '');
    return new AgentProcess(place, options.controlPlane ?? (await FakeControlPlane.start(options)), options);
  }

  /** Returns the JSON lines of the agent's log so far. */
  get log(): string {
    return this.#log;
  }

  get shutdownFile(): string {
    return this.#place.outside(join(this.root, '/tmp/shutdownContainer'));
  }

  /** Returns the agent's pid in this machine's numbering. */
  get pid(): number {
    return this.#place.agentPid();
  }

  /** Waits for as long as `eventually` does, or for `boundMs`. */
  async ready(boundMs?: number): Promise<ReadySignal> {
    const read = (): ReadySignal | undefined => {
      if (this.child.exitCode !== null) throw new Error(`the agent ended with ${this.child.exitCode}: ${this.#log}`);
      return this.controlPlane.signals.find((signal) => signal.kind === 'ready')?.body as ReadySignal | undefined;
    };
    return eventually('ready', read, boundMs);
  }

  /** Calls the agent over its own socket, like a client of the tunnel. */
  async call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const { socket = '' } = await this.ready();
    return callAgent(this.#place.outside(socket), method, path, body);
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const answer = await this.call(method, path, body);
    return { status: answer.status, body: JSON.parse(answer.body.toString()) as T };
  }

  async startProcess(key: string, body: StartProcess): Promise<ProcessStatus> {
    const answer = await this.json<ProcessStatus>('PUT', `/v1/processes/${key}`, body);
    if (answer.status >= 300) throw new Error(`not started: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async exited(key: string): Promise<ProcessStatus> {
    return eventually(`the end of ${key}`, async () => {
      const { body } = await this.json<ProcessStatus>('GET', `/v1/processes/${key}`);
      return body.state === 'exited' ? body : undefined;
    });
  }

  async output(key: string, query = 'stream=stdout'): Promise<Buffer> {
    return (await this.call('GET', `/v1/processes/${key}/output?${query}`)).body;
  }

  /** Ends the agent in any state, and removes its files. */
  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      process.kill(this.#place.agentPid() || this.child.pid || 0, 'SIGTERM');
      const giveUp = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
      await this.ended;
      clearTimeout(giveUp);
    }
    await this.controlPlane.close();
    await this.#place.remove();
  }
}
