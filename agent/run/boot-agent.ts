import type { Log } from '../../shared/system/log.ts';
import type { Lifecycle } from '../lifecycle/decide-lifecycle.ts';
import { touchShutdownFile } from '../monitor/shutdown-file.ts';
import type { AgentComponents } from './agent-components.ts';
import type { AgentDeps } from './agent-deps.ts';
import type { AgentEvents } from './agent-events.ts';
import { createApiHandlers } from './api-handlers.ts';
import { connectReporter, openApi, openSsh, type AgentEnrolment, type Connections } from './connections.ts';

export interface BootingAgent {
  readonly deps: AgentDeps;
  readonly components: AgentComponents;
  readonly events: AgentEvents;
  readonly log: Log;
  readonly phase: () => Lifecycle['phase'];
  /** Aborts when a container that is being stopped waits no longer for its enrolment. */
  readonly enrolmentIsOver: AbortSignal;
  /** Called at each stage, so that an end in the middle closes what is open by then. */
  readonly onConnected: (connections: Connections) => void;
}

/** Enrols, begins the watches, and opens the agent API and SSH. Resolves early after the enrolment on `abort`. */
export async function bootAgent(agent: BootingAgent, abort: AbortSignal): Promise<void> {
  const { deps, components, events, onConnected, enrolmentIsOver } = agent;
  const { entryDelayMs, monitoring } = components;
  const enrolment = await connectReporter(deps, components, { hurry: abort, abort: enrolmentIsOver });
  events.on('outputRead', (...output) => enrolment.reporter.chunk(...output));
  onConnected({ stage: 'enrolled', enrolment });
  if (abort.aborted) return;
  monitoring.begin(enrolment.answer.limits);
  await openServers(agent, enrolment);
  await deps.clock.sleep(Math.max(0, entryDelayMs - monitoring.uptimeSeconds() * 1_000), abort);
}

/** Opens the agent API and SSH, and connects to the latter once: nothing is ready because a port is open. */
async function openServers(agent: BootingAgent, enrolment: AgentEnrolment): Promise<void> {
  const { deps, components, onConnected } = agent;
  const api = await openApi(components, apiHandlers(agent));
  onConnected({ stage: 'api-open', enrolment, api });
  const ssh = await openSsh(deps, components, enrolment);
  onConnected({ stage: 'ssh-open', enrolment, api, ssh });
  await ssh.selfCheck();
}

function apiHandlers({ deps, components, events, log, phase }: BootingAgent): ReturnType<typeof createApiHandlers> {
  const { config, accounts, workload, monitoring } = components;
  return createApiHandlers({
    agentVersion: deps.version,
    accounts,
    workload,
    monitoring,
    phase,
    shutdown: () => {
      touchShutdownFile(config.shutdownFile);
      events.emit('stopRequested', 'shutdown-file');
    },
    log,
  });
}
