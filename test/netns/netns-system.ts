import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createWipClient, type WipClient } from '../../controlplane/cli/client/wip-client.ts';
import { createClosers, type Closers } from '../../controlplane/node/closers.ts';
import { COMPILE_CACHE } from '../kit/programs/program.ts';
import { SocketRelay } from '../kit/network/socket-relay.ts';
import { startOrphanGuard } from '../testkit/system/orphan-guard.ts';
import { CONTROL_ADDRESS, linkContainer, type ContainerLink, type NetworkMode } from './container-link.ts';
import { ControlReady, type ControlOrder } from './control-order.ts';
import { inNetworkOf, NetHost } from './net-host.ts';

const PROGRAM = join(import.meta.dirname, 'control-side.ts');
const END_MS = 60_000;

export interface PlannedContainer {
  readonly name: string;
  readonly mode: NetworkMode;
}

interface SystemParts {
  readonly client: WipClient;
  readonly directory: string;
  readonly links: ReadonlyMap<string, ContainerLink>;
  readonly databaseUrl: string;
  readonly closers: Closers;
}

/** A control plane on one host and each container on another, with a link of its own between them. */
export class NetnsSystem {
  readonly client: WipClient;
  readonly directory: string;
  readonly #links: ReadonlyMap<string, ContainerLink>;
  readonly #databaseUrl: string;
  readonly #closers: Closers;

  private constructor({ client, directory, links, databaseUrl, closers }: SystemParts) {
    this.client = client;
    this.directory = directory;
    this.#links = links;
    this.#databaseUrl = databaseUrl;
    this.#closers = closers;
  }

  static async start(planned: readonly PlannedContainer[]): Promise<NetnsSystem> {
    const closers = createClosers();
    try {
      return new NetnsSystem(await startParts(planned, closers));
    } catch (error) {
      await closers.closeAll();
      throw error;
    }
  }

  link(name: string): ContainerLink {
    const link = this.#links.get(name);
    if (!link) throw new Error(`no container ${name} was planned`);
    return link;
  }

  volume(name: string): string {
    return join(this.directory, 'work', name);
  }

  /** Returns the logs of the agents in all containers that the cluster of this name has had. */
  agentLogs(name: string): readonly string[] {
    const tasks = join(this.directory, 'ecs', name, 'tasks');
    if (!existsSync(tasks)) return [];
    return readdirSync(tasks).map((task) => {
      const log = join(tasks, task, 'container.log');
      return existsSync(log) ? readFileSync(log, 'utf8') : '';
    });
  }

  get controlLog(): string {
    return readFileSync(join(this.directory, 'control.log'), 'utf8');
  }

  async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.#databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  close(): Promise<void> {
    return this.#closers.closeAll();
  }
}

async function startParts(planned: readonly PlannedContainer[], closers: Closers): Promise<SystemParts> {
  const directory = mkdtempSync('/var/tmp/wip-netns-');
  chmodSync(directory, 0o711);
  mkdirSync(join(directory, 'work'));
  const guard = startOrphanGuard(directory);
  closers.add('guard', () => guard.close());
  closers.add('directory', () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

  const host = await NetHost.start();
  closers.add('host of the control plane', () => host.close());
  host.ip(`address add ${CONTROL_ADDRESS}/32 dev lo`);
  const links = new Map<string, ContainerLink>();
  closers.add('links', () => Promise.all([...links.values()].map((link) => link.close())));
  for (const [index, { name, mode }] of planned.entries()) links.set(name, await linkContainer(host, mode, index + 1));

  const { child, ready } = await startControl(host, {
    directory,
    host: CONTROL_ADDRESS,
    containers: [...links].map(([name, { mode, pid, address, sshPort }]) => {
      return { name, mode, pid, address, sshPort, volume: join(directory, 'work', name) };
    }),
  });
  closers.add('control plane', () => endProgram(child));
  // Here too: a process of the control plane may have made links of its own by now.
  host.requireNoWayOut();
  const open = async (path: string): Promise<SocketRelay> => {
    const relay = await SocketRelay.open({ host: '127.0.0.1', port: 0 }, { path });
    closers.add(path, () => relay.close());
    return relay;
  };
  const node = await open(ready.nodeSocket);
  const database = await open(ready.databaseSocket);
  const databaseUrl = Object.assign(new URL(ready.databaseUrl), {
    host: `127.0.0.1:${database.port}`,
    search: '',
  }).href;
  const client = createWipClient({ url: `http://127.0.0.1:${node.port}`, token: ready.token });
  return { client, directory, links, databaseUrl, closers };
}

async function startControl(host: NetHost, order: ControlOrder): Promise<{ child: ChildProcess; ready: ControlReady }> {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', PROGRAM, order.directory];
  const [program = '', ...argv] = inNetworkOf(host.pid, node);
  const child = spawn(program, argv, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'], WIP_AGENT_BINARY: process.env['WIP_AGENT_BINARY'], ...COMPILE_CACHE },
  });
  child.send(order);
  const said: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [])]);
  if (said.length === 0) throw new Error(`the control plane ended with ${child.exitCode ?? child.signalCode}`);
  return { child, ready: ControlReady.parse(said[0]) };
}

async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(late);
}
