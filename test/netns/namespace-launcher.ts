import { spawn } from 'node:child_process';
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Launcher } from '../../controlplane/localecs/launcher.ts';
import { createContainerPlace } from '../kit/agent/agent-container.ts';
import { agentCommand } from '../kit/agent/agent-process.ts';
import { COMPILE_CACHE } from '../kit/programs/program.ts';
import type { PlacedContainer } from './control-order.ts';
import { inNetworkOf } from './net-host.ts';

const SSH_PORT = 22;
// The whole filesystem of the container is a small one of its own.
const CONFIG = `[disk]
initial_size = 0
method = statfs
[ssh]
port = ${SSH_PORT}
`;

/**
 * Runs containers with a filesystem, processes and a network of their own: the agent is root at port 22, as in ECS. For
 * one container after the other, in the given network.
 */
export function createNamespaceLauncher(container: PlacedContainer): Launcher {
  return {
    async start({ directory, environment }) {
      await mkdir(directory, { recursive: true });
      const place = createContainerPlace({ config: CONFIG, parent: directory, volume: container.volume });
      const [program = '', ...argv] = inNetworkOf(container.pid, place.command([...agentCommand(), 'run']));
      const child = spawn(program, argv, {
        env: { PATH: process.env['PATH'], ...COMPILE_CACHE, ...place.environment, ...environment },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const log = path.join(directory, 'container.log');
      child.stderr.on('data', (data: Buffer) => void appendFile(log, data));
      const pid = child.pid ?? 0;
      place.started(pid);
      const ended = new Promise<{ exitCode: number | null }>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (exitCode) => {
          place.remove().then(() => resolve({ exitCode }), reject);
        });
      });
      return {
        ended,
        terminate: () => void process.kill(place.agentPid() || pid, 'SIGTERM'),
        kill: () => void child.kill('SIGKILL'),
        ports: () => (container.mode === 'bridge' ? [{ containerPort: SSH_PORT, hostPort: container.sshPort }] : []),
        ...(container.mode === 'awsvpc' ? { address: () => container.address } : {}),
      };
    },
    // Nothing here outlives local ECS.
    adopt: () => Promise.resolve({ kind: 'never-started' }),
    discard: () => Promise.resolve(),
  };
}
