import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalEcs, type LocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import { EcsClusterStore } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../../controlplane/store/clusters/local-cluster.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { addApiToken } from '../../../controlplane/store/settings/api-tokens.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import { createWipClient, type WipClient } from '../../../controlplane/cli/client/wip-client.ts';
import type { TaskView } from '../../../controlplane/api/tasks/task-views.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import { CALM, openFrontDoor, type FrontDoor } from '../../faults/front-door.ts';
import { createSimulatedLauncher, type SimulatedLauncher } from '../../testkit/agent/simulated-launcher.ts';
import type { Behaviour } from '../../testkit/agent/simulated-process.ts';
import { ServedNode } from '../../testkit/system/served-node.ts';
import { CommandLine, type CommandResult } from './command-line.ts';
import { eventually } from '../eventually.ts';
import { findFreePort } from '../network/free-port.ts';
import { RecordingLog } from '../recording-log.ts';

const END_MS = 90_000;

export interface StartedNode {
  readonly databaseUrl: string;
  readonly masterKey: Buffer;
  readonly settings?: Readonly<Record<string, string>>;
}

interface Parts {
  readonly directory: string;
  readonly launcher: SimulatedLauncher;
  readonly ecs: LocalEcs;
  readonly door: FrontDoor;
  readonly nodes: Map<string, { readonly node: ServedNode; readonly url: string }>;
}

/** Nodes as processes behind one address, on local ECS with simulated agents; `wipctl` beside them, in this process. */
export class ServedInstallation {
  readonly token = randomBytes(32).toString('base64url');
  readonly directory: string;
  readonly launcher: SimulatedLauncher;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.directory = parts.directory;
    this.launcher = parts.launcher;
    this.#parts = parts;
  }

  static async start(behave: Behaviour): Promise<ServedInstallation> {
    const directory = await mkdtemp(path.join(tmpdir(), 'wip-served-'));
    const launcher = createSimulatedLauncher({
      behave,
      clock: systemClock,
      random: Math.random,
      log: new RecordingLog(),
    });
    const ecs = await startLocalEcs({
      directory: path.join(directory, 'ecs'),
      launcher,
      closeGraceMs: 0,
      clock: systemClock,
      log: createLogger('local ecs', 'silent'),
    });
    const nodes: Parts['nodes'] = new Map();
    const targets = (): string[] => [...nodes.values()].map(({ url }) => url);
    const door = await openFrontDoor({ targets, weather: CALM, clock: systemClock, random: Math.random });
    return new ServedInstallation({ directory, launcher, ecs, door, nodes });
  }

  /** Saves what builds need: a cluster, a token of an administrator, and slots. */
  async configure(db: Db, masterKey: Buffer): Promise<void> {
    await new EcsClusterStore(db, new Secret(masterKey)).save(localCluster(this.#parts.ecs));
    await addApiToken(db, { name: 'test', role: 'admin', tokenHash: sha256Hex(this.token) });
    await setGroup(db, { name: 'BuildSteps', maxRunning: 10 });
  }

  async startNode(name: string, { databaseUrl, masterKey, settings }: StartedNode): Promise<ServedNode> {
    const port = await findFreePort();
    const node = await ServedNode.start({
      databaseUrl,
      directory: this.directory,
      masterKey,
      settings: {
        WIP_NODE: name,
        WIP_PORT: String(port),
        WIP_PUBLIC_URL: this.#parts.door.url,
        WIP_LEASE_SECONDS: '5',
        WIP_SWEEP_SECONDS: '1',
        ...settings,
      },
    });
    this.#parts.nodes.set(name, { node, url: `http://127.0.0.1:${port}` });
    return node;
  }

  /** Ends a node, in order or as if its machine were gone. */
  async endNode(name: string, how: 'close' | 'kill'): Promise<void> {
    const found = this.#parts.nodes.get(name);
    this.#parts.nodes.delete(name);
    await found?.node[how]();
  }

  /** Address of the newest node. The address that agents report to gives up on a busy one after a second. */
  get url(): string {
    const newest = [...this.#parts.nodes.values()].at(-1);
    if (!newest) throw new Error('no node runs');
    return newest.url;
  }

  clientWith(token: string): WipClient {
    return createWipClient({ url: this.url, token });
  }

  async addBuild(branch: string): Promise<number> {
    const options = { vcsUri: 'https://example.org/app.git', vcsPath: branch };
    return (await this.clientWith(this.token).addTask({ kind: 'BuildSteps', options })).id;
  }

  find(id: number): Promise<TaskView> {
    return this.clientWith(this.token).findTask(id);
  }

  async until(id: number, what: string, is: (task: TaskView) => boolean): Promise<TaskView> {
    return eventually(
      `task ${id} ${what}`,
      async () => {
        const task = await this.find(id);
        return is(task) ? task : undefined;
      },
      END_MS,
    );
  }

  ended(id: number): Promise<TaskView> {
    return this.until(id, 'has ended', ({ status }) => status === 'COMPLETE');
  }

  /** Returns what the command prints for programs. */
  async json(...argv: string[]): Promise<unknown> {
    const { exitCode, out, err } = await this.wipctl([...argv, '--json']);
    if (exitCode !== 0) throw new Error(`wipctl ${argv.join(' ')} ended with ${exitCode}: ${err}`);
    return JSON.parse(out) as unknown;
  }

  /** Runs a command in this process, as an administrator. */
  async wipctl(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    const cli = new CommandLine();
    cli.cwd = this.directory;
    cli.environment = {
      ...cli.environment,
      WIP_SERVER: this.#parts.nodes.size === 0 ? this.#parts.door.url : this.url,
      WIP_TOKEN: this.token,
      ...environment,
    };
    return cli.run(...argv);
  }

  async close(): Promise<void> {
    for (const name of [...this.#parts.nodes.keys()]) await this.endNode(name, 'close');
    await this.#parts.door.close();
    for (const agent of this.launcher.agents.values()) agent.kill();
    await this.#parts.ecs.close();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
