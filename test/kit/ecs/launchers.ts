import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { createDockerLauncher } from '../../../controlplane/localecs/docker/docker-launcher.ts';
import type { Launcher, LaunchOrder } from '../../../controlplane/localecs/launcher.ts';
import type { DefinitionInput } from '../../../controlplane/localecs/local-state.ts';
import { createProcessLauncher } from '../../../controlplane/localecs/process/process-launcher.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { SMALL_BASE, type DockerEngine } from './docker-engine.ts';
import { silentLog } from './local-ecs.ts';
import { SocketRelay } from '../network/socket-relay.ts';

/** The image of containers that run a script in an engine. */
export const SCRIPT_IMAGE = 'wip-script';

/** A launcher as local ECS has it, and again as local ECS has it after it was killed. */
export interface LauncherUnderTest {
  /** Returns an order to run this shell script. */
  orderOf(script: string, environment?: Readonly<Record<string, string>>): LaunchOrder;
  launcher(script: string): Launcher;
  /** Starts an order with a launcher that sees nothing of its container from then on, like one that is killed. */
  startAndDie(order: LaunchOrder, script: string): Promise<void>;
  /** Whether a container that nobody follows has ended. */
  isOver(order: LaunchOrder): boolean;
  /** Returns what is left of the container and its processes. */
  remains(order: LaunchOrder): Promise<readonly string[]>;
  close(): Promise<void>;
}

function newOrder(parent: string, environment: Readonly<Record<string, string>>): LaunchOrder {
  const id = randomUUID().replaceAll('-', '');
  return {
    arn: `arn:aws:ecs:local:000000000000:task/default/${id}`,
    directory: path.join(parent, id),
    environment,
  };
}

export async function processLauncherUnderTest(
  remains: (order: LaunchOrder) => readonly string[],
): Promise<LauncherUnderTest> {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'wip-launcher-'));
  const launcher = (script: string, clock: Clock = systemClock): Launcher =>
    createProcessLauncher({ command: ['/bin/sh', '-c', script], configIni: '', searchPath: '/usr/bin:/bin', clock });
  return {
    orderOf: (_script, environment = {}) => newOrder(parent, environment),
    launcher,
    async startAndDie(order, script) {
      // Its container outlives it in any case, and it notes nothing that the wrapper has not noted.
      await launcher(script).start(order);
    },
    isOver: (order) => remains(order).length === 0,
    remains: (order) => Promise.resolve(remains(order)),
    close: () => rm(parent, { recursive: true, force: true }),
  };
}

/** The task definition of a container that runs a script. */
export function scriptDefinition(script: string, container: object = {}, more: object = {}): DefinitionInput {
  return {
    family: 'WIP_script',
    networkMode: 'none',
    containerDefinitions: [
      { name: 'build', image: SCRIPT_IMAGE, memory: 64, command: ['/bin/sh', '-c', script], ...container },
    ],
    ...more,
  };
}

export async function dockerLauncherUnderTest(engine: DockerEngine): Promise<LauncherUnderTest> {
  engine.importBase(SCRIPT_IMAGE, SMALL_BASE);
  const parent = await mkdtemp(path.join(os.tmpdir(), 'wip-launcher-'));
  const launcherAt = (socketPath: string, clock: Clock = systemClock): Launcher =>
    createDockerLauncher({ docker: new Docker({ socketPath }), network: null, clock, log: silentLog });
  const containersOf = ({ directory }: LaunchOrder, ...more: readonly string[]): string[] => {
    const listed = engine.docker('ps', '--quiet', ...more, `--filter=label=wip.directory=${directory}`);
    return listed.split('\n').filter((line) => line !== '');
  };
  return {
    orderOf: (script, environment = {}) => ({
      ...newOrder(parent, environment),
      definition: scriptDefinition(script),
    }),
    launcher: () => launcherAt(engine.socketPath),
    async startAndDie(order) {
      const relayPath = path.join(parent, 'relay.sock');
      const relay = await SocketRelay.open({ path: relayPath }, { path: engine.socketPath });
      // A killed program waits for nothing any more.
      const clock = { ...systemClock, sleep: () => new Promise<void>(() => undefined) };
      await launcherAt(relayPath, clock).start(order);
      await relay.close();
    },
    isOver: (order) => containersOf(order).length === 0,
    remains: (order) => Promise.resolve(containersOf(order, '--all')),
    close: () => rm(parent, { recursive: true, force: true }),
  };
}
