import type { EnrolmentAnswer } from '../../shared/protocol/enrolment.ts';
import { createSshKeyPair, type SshKeyPair } from '../../shared/keys/ssh-key.ts';
import type { ApiServer } from '../api/socket-server.ts';
import type { AgentApiHandlers } from '../api/agent-routes.ts';
import { SFTP_COMMAND } from '../commands/arguments.ts';
import { ReadMemory } from '../process/output/output-store.ts';
import { runOwnProgram, runSessionCommand } from '../process/run-session-command.ts';
import type { Account } from '../process/users.ts';
import { enrol } from '../report/enrol.ts';
import { createReporter, type Reporter } from '../report/reporter.ts';
import { openSpool, type Spool } from '../report/spool.ts';
import type { SshServer } from '../ssh/ssh-server.ts';
import { spoolFile, type AgentComponents } from './agent-components.ts';
import type { AgentDeps } from './agent-deps.ts';
import { enrolmentDeps, type EnrollingDeps } from './enrolment-deps.ts';
import { writePortFile } from './prepare-root.ts';

/** Everything the agent owns from its enrolment on. */
export interface AgentEnrolment {
  readonly answer: EnrolmentAnswer;
  /** Made at the start and kept in memory only, so that it dies with the container. */
  readonly hostKey: SshKeyPair;
  readonly spool: Spool;
  readonly reporter: Reporter;
}

/** How far the agent's connections to others have come. They come up in this order and stay until the end. */
export type Connections =
  | { readonly stage: 'none' }
  | { readonly stage: 'enrolled'; readonly enrolment: AgentEnrolment }
  | { readonly stage: 'api-open'; readonly enrolment: AgentEnrolment; readonly api: ApiServer }
  | {
      readonly stage: 'ssh-open';
      readonly enrolment: AgentEnrolment;
      readonly api: ApiServer;
      readonly ssh: SshServer;
    };

export const NOT_CONNECTED: Connections = { stage: 'none' };

type ConnectionDeps = EnrollingDeps & Pick<AgentDeps, 'environment' | 'selfCommand'>;

export interface EnrolmentEnds {
  /** Aborts when the container is being stopped. The enrolment is tried for a moment longer. */
  readonly hurry: AbortSignal;
  readonly abort: AbortSignal;
}

/** Makes the host key, takes the spool's space, and enrols: the token is spent before any workload runs. */
export async function connectReporter(
  deps: EnrollingDeps,
  { addresses, config, workload, log }: AgentComponents,
  { hurry, abort }: EnrolmentEnds,
): Promise<AgentEnrolment> {
  const hostKey = createSshKeyPair();
  const spooling = openSpool({ file: spoolFile(config), log });
  const [spool, answer] = await Promise.all([
    spooling,
    enrol({ ...enrolmentDeps(deps, addresses, hostKey.publicLine, log), hurry }, abort),
  ]).catch(async (error: unknown) => {
    await spooling.then(
      (opened) => opened.close(),
      () => undefined,
    ); // what went wrong first is told
    throw error;
  });
  const memory = new ReadMemory();
  const reporter = createReporter({
    signalUrl: addresses.signalUrl,
    signalBody: addresses.signalBody,
    key: Buffer.from(answer.key, 'base64'),
    keyId: answer.keyId,
    spool,
    readOutput: (processId, stream, offset, maxBytes) =>
      workload.find(processId).stream(stream).readAt(offset, maxBytes, memory),
    clock: deps.clock,
    random: deps.random,
    log,
  });
  return { answer, hostKey, spool, reporter };
}

export async function openApi(
  { config, log }: Pick<AgentComponents, 'config' | 'log'>,
  handlers: AgentApiHandlers,
): Promise<ApiServer> {
  // node:http and ssh2 take 90 ms to load; a container that is never enrolled never pays for them.
  const [{ startApiServer }, { agentRoutes }] = await Promise.all([
    import('../api/socket-server.ts'),
    import('../api/agent-routes.ts'),
  ]);
  return startApiServer(config.socketPath, agentRoutes(handlers), log);
}

/** Starts the embedded server or the image's own, and announces its port. */
export async function openSsh(
  deps: ConnectionDeps,
  components: AgentComponents,
  { hostKey, answer }: AgentEnrolment,
): Promise<SshServer> {
  const ssh = await startServer(deps, components, hostKey, answer.clientKeys);
  const portFile = deps.environment['WIP_AGENT_PORT_FILE'];
  if (portFile) writePortFile(portFile, ssh.port);
  return ssh;
}

async function startServer(
  deps: ConnectionDeps,
  { config, developerKey, accounts, workload, log }: AgentComponents,
  hostKey: SshKeyPair,
  clientKeys: readonly string[],
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
    const { startSshServer } = await import('../ssh/ssh-server.ts');
    const sessions = {
      workload,
      accountOf: (user: string) => accounts.of(user),
      newMark: deps.newUuid,
      clock: deps.clock,
    };
    return startSshServer({
      ...options,
      socketPath: config.socketPath,
      runCommand: (request) => runSessionCommand(request, sessions),
      runSftp: (user) => runOwnProgram({ argv: [...deps.selfCommand, SFTP_COMMAND], user }, sessions),
    });
  }
  const { startOpenSshServer } = await import('../ssh/openssh-server.ts');
  const mark = deps.newUuid();
  /** Leaves out home, name and shell of the account, which sshd sets itself. */
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
    // A workload user without an account here is the agent's own user, whom sshd knows by its real name only.
    workloadUser: accounts.workload.name,
    directory: `${config.stateDirectory}/sshd`,
    environment: environmentOf(accounts.isRoot ? accounts.of('root') : accounts.workload),
    workloadEnvironment: environmentOf(accounts.workload),
    onStarted: (pid) => void workload.adoptSession(pid, mark),
    clock: deps.clock,
  });
}

export async function closeConnections(connections: Connections): Promise<void> {
  if (connections.stage === 'none') return;
  const { reporter, spool } = connections.enrolment;
  const api = connections.stage === 'enrolled' ? undefined : connections.api;
  const ssh = connections.stage === 'ssh-open' ? connections.ssh : undefined;
  await Promise.allSettled([api?.close(), ssh?.close(), reporter.close()]);
  await spool.close();
}
