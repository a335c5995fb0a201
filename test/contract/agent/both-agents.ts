import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { LaunchedContainer, Launcher } from '../../../controlplane/localecs/launcher.ts';
import { createProcessLauncher } from '../../../controlplane/localecs/process/process-launcher.ts';
import { connectAgent, type AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import type { AgentEndpoint } from '../../../controlplane/ssh/open-connection.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { agentCommand } from '../../kit/agent/agent-process.ts';
import { eventually } from '../../kit/eventually.ts';
import { FakeControlPlane, type FakeControlPlaneOptions } from '../../kit/agent/fake-control-plane.ts';
import { RecordingLog } from '../../kit/recording-log.ts';
import { createSimulatedLauncher } from '../../testkit/agent/simulated-launcher.ts';
import type { Behaviour } from '../../testkit/agent/simulated-process.ts';

/** A program that ends by a signal nobody sent from outside. */
export const KILLS_ITSELF = ['sh', '-c', 'kill -KILL $$'];
export const MISSING_PROGRAM = ['/nowhere/a-program'];
/** Writes more onto the disk than a container with a limit of 1 MB may, and goes on. */
export const FILLS_DISK = ['sh', '-c', 'head -c 8000000 /dev/zero >filler; sleep 600'];

/** What the programs of this suite do where there are none. */
const asThePrograms: Behaviour = ({ command }) => {
  const words = Array.isArray(command) ? command : [];
  if (words[0] === 'printf') return { stdout: words[1] ?? '' };
  if (words[0] === 'false') return { exitCode: 1 };
  if (words[0] === MISSING_PROGRAM[0]) return { exitCode: 127 };
  if (words[2] === KILLS_ITSELF[2]) return { killedBy: 'SIGKILL' };
  if (words[2] === FILLS_DISK[2]) return { floods: 8_000_000, runsFor: 600 };
  return { runsFor: 600, silentAfter: 0 };
};

/** The agents that the contract holds for. */
export const AGENTS: Readonly<Record<string, () => Launcher>> = {
  real: () =>
    createProcessLauncher({
      command: [...agentCommand(), 'run'],
      configIni: '[disk]\ninitial_size = 0\n',
      searchPath: process.env['PATH'] ?? '/usr/bin:/bin',
      clock: systemClock,
    }),
  simulated: () =>
    createSimulatedLauncher({
      behave: asThePrograms,
      clock: systemClock,
      random: Math.random,
      log: new RecordingLog(),
    }),
};

export interface AgentUnderTest {
  readonly plane: FakeControlPlane;
  /** The container's own directory; the simulated one has nothing in it. */
  readonly directory: string;
  start(): Promise<LaunchedContainer>;
  startReady(): Promise<{ readonly container: LaunchedContainer; readonly client: AgentClient }>;
  /** Where the agent of a ready container is reached, with the key that it was told to accept. */
  endpointOf(container: LaunchedContainer): AgentEndpoint;
  connect(endpoint: AgentEndpoint): Promise<AgentClient>;
}

/** Makes a control plane and a launcher of agents for one test; all of it ends with the test. */
export async function useAgent(
  launcherOf: () => Launcher,
  options: FakeControlPlaneOptions = {},
): Promise<AgentUnderTest> {
  const plane = await FakeControlPlane.start(options);
  const directory = await mkdtemp(path.join(tmpdir(), 'wip-agent-'));
  const launcher = launcherOf();
  const launched: LaunchedContainer[] = [];
  const clients: AgentClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) await client.close();
    for (const container of launched) {
      container.kill();
      await container.ended;
    }
    await plane.close();
    await rm(directory, { recursive: true, force: true });
  });

  const agent: AgentUnderTest = {
    plane,
    directory,
    async start() {
      const arn = `arn:aws:ecs:local:000000000000:task/default/${randomUUID().replaceAll('-', '')}`;
      const container = await launcher.start({ arn, directory, environment: plane.environment });
      launched.push(container);
      return container;
    },
    async startReady() {
      const container = await agent.start();
      await eventually('the ready signal', () => plane.kinds.includes('ready'));
      return { container, client: await agent.connect(agent.endpointOf(container)) };
    },
    endpointOf: (container) => ({
      host: '127.0.0.1',
      port: container.ports().find(({ containerPort }) => containerPort === 22)?.hostPort ?? 0,
      user: 'root',
      privateKey: plane.clientKeys.privateKey,
      hostKeyLine: plane.enrolments[0]!.hostKey,
      timeoutMs: 10_000,
      keepaliveMs: 10_000,
    }),
    async connect(endpoint) {
      const client = await connectAgent(endpoint);
      clients.push(client);
      return client;
    },
  };
  return agent;
}
