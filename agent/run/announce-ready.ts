import type { AgentComponents } from './agent-components.ts';
import type { AgentDeps } from './agent-deps.ts';
import type { AgentEnrolment } from './connections.ts';
import { sendHeartbeats } from './heartbeats.ts';
import { readyFields } from './signal-fields.ts';

export interface ReadyAgent {
  readonly deps: AgentDeps;
  readonly components: AgentComponents;
  readonly enrolment: AgentEnrolment;
  readonly sshPort: number;
  /** Aborts when no process of the build is left. */
  readonly treesGone: AbortSignal;
  /** Starts work that nobody waits for. */
  readonly begin: (work: Promise<void>) => void;
}

/** Says ready, begins the watches of the workload, and sends heartbeats until `abort`. */
export async function announceReady(ready: ReadyAgent, abort: AbortSignal): Promise<void> {
  const { deps, components, enrolment, sshPort, treesGone, begin } = ready;
  const { config, monitoring, standby, workload } = components;
  const { reporter, answer } = enrolment;
  await reporter.signal('ready', readyFields(deps, config, sshPort));
  monitoring.watchWorkload(treesGone);
  // The start of the build tool takes processor time, which belongs to the ready signal until it is there.
  if (standby) begin(reporter.flush(abort).then(() => standby.prepare()));
  const { heartbeat: send } = reporter;
  const { clock } = deps;
  await sendHeartbeats({ everySeconds: answer.heartbeatSeconds, monitoring, workload, clock, send }, abort);
}
