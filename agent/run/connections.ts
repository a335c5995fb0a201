import { SFTP_COMMAND } from '../commands/arguments.ts';
import { runOwnProgram } from '../process/run-session-command.ts';
import type { EnrolmentAnswer } from '../../shared/protocol/enrolment.ts';
import type { ApiServer } from '../api/api-server.ts';
import type { AgentApiHandlers } from '../api/agent-routes.ts';
import { enrolmentDeps } from './enrolment-deps.ts';
import type { AgentComponents } from './agent-components.ts';
import { ReadMemory } from '../process/output-reader.ts';
import { spoolFile } from './agent-components.ts';
import { writePortFile } from './prepare-root.ts';
import { runSessionCommand } from '../process/run-session-command.ts';
import type { Account } from '../process/users.ts';
import { enrol } from '../report/enrol.ts';
import { createReporter, type Reporter } from '../report/reporter.ts';
import { openSpool, type Spool } from '../report/spool.ts';
import { createHostKey } from '../ssh/host-key.ts';
import type { SshServer, startSshServer as StartSshServer } from '../ssh/ssh-server.ts';
import type { AgentDeps } from './agent-deps.ts';

/** The agent's lines to others, filled in as they come up; what is null is not there yet. */
export interface Connections {
  spool: Spool | null;
  reporter: Reporter | null;
  api: ApiServer | null;
  ssh: SshServer | null;
  answer: EnrolmentAnswer | null;
}

export const NOT_CONNECTED: Connections = { spool: null, reporter: null, api: null, ssh: null, answer: null };

/** Makes the host key, takes the spool's space, and enrols: the token is spent before any workload runs. */
export async function connectReporter(
  deps: AgentDeps,
  components: AgentComponents,
  connections: Connections,
  abort: AbortSignal,
): Promise<ReturnType<typeof createHostKey>> {
  const { addresses, config, log } = components;
  const hostKey = createHostKey();
  const [spool, answer] = await Promise.all([
    openSpool({ file: spoolFile(config), sharedMemoryDirectory: '/dev/shm', log }),
    enrol(enrolmentDeps(deps, addresses, hostKey.publicLine, log), abort),
  ]);
  const { signalUrl, signalBody } = addresses;
  const key = Buffer.from(answer.key, 'base64');
  connections.spool = spool;
  connections.answer = answer;
  const memory = new ReadMemory();
  connections.reporter = createReporter({
    signalUrl,
    signalBody,
    key,
    keyId: answer.keyId,
    spool,
    readOutput: (processId, stream, offset, maxBytes) =>
      components.workload.find(processId).stream(stream).readAt(offset, maxBytes, memory),
    clock: deps.clock,
    random: deps.random,
    log,
  });
  return hostKey;
}

/** Opens the agent API and SSH, and knocks at its own door once: nothing is ready because a port is open. */
export async function openDoors(
  deps: AgentDeps,
  components: AgentComponents,
  handlers: AgentApiHandlers,
  hostKey: ReturnType<typeof createHostKey>,
  connections: Connections,
): Promise<void> {
  const { config, log } = components;
  const { answer } = connections;
  if (!answer) throw new Error('doors are opened after the enrolment');
  // ssh2 and node:http take 90 ms to load; a container that is never enrolled never pays for them.
  const [{ startSshServer }, { startApiServer }, { agentRoutes }] = await Promise.all([
    import('../ssh/ssh-server.ts'),
    import('../api/api-server.ts'),
    import('../api/agent-routes.ts'),
  ]);
  connections.api = await startApiServer(config.socketPath, agentRoutes(handlers), log);
  const ssh = await startServer(deps, components, hostKey, answer.clientKeys, startSshServer);
  connections.ssh = ssh;
  const portFile = deps.environment['WIP_AGENT_PORT_FILE'];
  if (portFile) writePortFile(portFile, ssh.port);
  await ssh.selfCheck();
}

/** The embedded server, or the image's. */
async function startServer(
  deps: AgentDeps,
  { config, developerKey, accounts, workload, log }: AgentComponents,
  hostKey: ReturnType<typeof createHostKey>,
  clientKeys: readonly string[],
  startSshServer: typeof StartSshServer,
): Promise<SshServer> {
  const options = {
    host: config.sshHost,
    port: config.sshPort,
    hostKey,
    clientKeys,
    ...(developerKey === undefined ? {} : { developerKey }),
    workloadUser: config.workloadUser,
    isRoot: accounts.isRoot,
    log,
  };
  if (config.sshServer === 'embedded') {
    const sessions = { workload, accountOf: (user: string) => accounts.of(user), newMark: deps.newUuid };
    return startSshServer({
      ...options,
      socketPath: config.socketPath,
      runCommand: (request) => runSessionCommand(request, sessions),
      runSftp: (user) => runOwnProgram({ argv: [...deps.selfCommand, SFTP_COMMAND], user }, sessions),
    });
  }
  const { startOpenSshServer } = await import('../ssh/openssh-server.ts');
  const mark = deps.newUuid();
  /** sshd says itself whose home, name and shell it is. */
  const environmentOf = (account: Account): Record<string, string> => {
    const {
      HOME: _home,
      USER: _user,
      LOGNAME: _name,
      SHELL: _shell,
      ...rest
    } = workload.environmentOf(account, mark, []);
    return rest;
  };
  return startOpenSshServer({
    ...options,
    // A user that has no account here is whoever the agent is: sshd knows that one by its real name only.
    workloadUser: accounts.workload.name,
    directory: `${config.stateDirectory}/sshd`,
    environment: environmentOf(accounts.isRoot ? accounts.of('root') : accounts.workload),
    workloadEnvironment: environmentOf(accounts.workload),
    onStarted: (pid) => void workload.adoptSession(pid, mark),
    clock: deps.clock,
  });
}

export async function closeConnections({ api, ssh, reporter, spool }: Connections): Promise<void> {
  await Promise.allSettled([api?.close(), ssh?.close(), reporter?.close()]);
  await spool?.close();
}
