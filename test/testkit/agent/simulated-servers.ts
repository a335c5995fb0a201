import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { agentRoutes, type AgentApiHandlers } from '../../../agent/api/agent-routes.ts';
import { startApiServer } from '../../../agent/api/socket-server.ts';
import { startSshServer } from '../../../agent/ssh/ssh-server.ts';
import type { Log } from '../../../shared/system/log.ts';
import type { SshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { noShell } from './simulated-api-handlers.ts';

export interface SimulatedServersOptions {
  readonly hostKey: SshKeyPair;
  readonly clientKeys: readonly string[];
  readonly handlers: AgentApiHandlers;
  /** Returns the port behind which others reach the container's SSH server. */
  readonly portOf?: (port: number) => Promise<number>;
  /** Where the container's own directory is made. */
  readonly parent: string;
  readonly log: Log;
}

/** Where a simulated container can be reached: SSH, and the agent API that it leads to. */
export interface SimulatedServers {
  readonly sshPort: number;
  /** No new sessions. */
  freeze(): void;
  close(): Promise<void>;
}

export async function openSimulatedServers(options: SimulatedServersOptions): Promise<SimulatedServers> {
  const { hostKey, clientKeys, handlers, portOf, parent, log } = options;
  const directory = await mkdtemp(path.join(parent, 'wip-sim-'));
  const socketPath = path.join(directory, 'api', 'agent.sock');
  const api = await startApiServer(socketPath, agentRoutes(handlers), log);
  const ssh = await startSshServer({
    host: '127.0.0.1',
    port: 0,
    hostKey,
    clientKeys,
    workloadUser: 'simulated',
    isRoot: false,
    socketPath,
    runCommand: noShell,
    runSftp: (user) => noShell({ command: 'sftp', user, environment: {} }),
    log,
  });
  return {
    sshPort: portOf ? await portOf(ssh.port) : ssh.port,
    freeze: () => ssh.freeze(),
    async close() {
      await Promise.allSettled([api.close(), ssh.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
