import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessLauncher } from '../../../controlplane/localecs/process/process-launcher.ts';
import type { LaunchedContainer } from '../../../controlplane/localecs/launcher.ts';
import type { ProcessStatus, StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { ExitSignal, ReadySignal } from '../../../shared/protocol/signals.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { agentCommand } from '../agent/agent-process.ts';
import { callAgent } from '../agent/call-agent.ts';
import { eventually } from '../eventually.ts';
import { FakeControlPlane } from '../agent/fake-control-plane.ts';

/**
 * A container in the form in which local ECS runs it: the agent below the wrapper, a directory, and a control plane
 * for it alone.
 */
export class LocalContainer {
  readonly directory = mkdtempSync(join(tmpdir(), 'wip-local-'));
  readonly controlPlane: FakeControlPlane;
  #launched: LaunchedContainer | undefined;
  #exitCode: number | null | undefined;

  private constructor(controlPlane: FakeControlPlane) {
    this.controlPlane = controlPlane;
  }

  /** `configIni` is the agent's whole configuration. */
  static async start(configIni: string): Promise<LocalContainer> {
    const container = new LocalContainer(await FakeControlPlane.start());
    const launcher = createProcessLauncher({
      command: [...agentCommand(), 'run'],
      configIni,
      searchPath: process.env['PATH'] ?? '/usr/bin:/bin',
      clock: systemClock,
    });
    const { directory, controlPlane } = container;
    const launched = await launcher.start({ arn: 'arn:test', directory, environment: controlPlane.environment });
    container.#launched = launched;
    void launched.ended.then(({ exitCode }) => (container.#exitCode = exitCode));
    return container;
  }

  get launched(): LaunchedContainer {
    if (!this.#launched) throw new Error('the container was not started');
    return this.#launched;
  }

  async ended(): Promise<number | null> {
    await eventually('the end of the container', () => this.#exitCode !== undefined);
    return this.#exitCode ?? null;
  }

  async startProcess(key: string, body: StartProcess): Promise<void> {
    const { status } = await this.call('PUT', `/v1/processes/${key}`, body);
    if (status >= 300) throw new Error(`${key} was not started: ${status}`);
  }

  async status(key: string): Promise<ProcessStatus> {
    const { body } = await this.call('GET', `/v1/processes/${key}`);
    return JSON.parse(body.toString()) as ProcessStatus;
  }

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Buffer }> {
    const isReady = (): boolean => this.controlPlane.kinds.includes('ready');
    await eventually(`ready: ${readFileSync(join(this.directory, 'container.log'), 'utf8')}`, isReady);
    return callAgent((this.#signal('ready') as ReadySignal).socket ?? '', method, path, body);
  }

  exit(): ExitSignal {
    return this.#signal('exit') as ExitSignal;
  }

  #signal(kind: string): unknown {
    return this.controlPlane.signals.find((signal) => signal.kind === kind)?.body;
  }

  /** Returns the path of a file in the home of the agent's user. */
  home(name: string): string {
    const homes = join(this.directory, 'home');
    return join(homes, readdirSync(homes)[0] ?? '', name);
  }

  async close(): Promise<void> {
    this.#launched?.kill();
    await this.ended();
    await this.controlPlane.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
