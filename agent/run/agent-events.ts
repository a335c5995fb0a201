import { EventEmitter } from 'node:events';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import type { StreamName } from '../../shared/protocol/signals.ts';
import type { ManagedProcess } from '../process/managed-process.ts';

/** Everything that happens in one component of the agent and concerns another: the name and its arguments. */
interface AgentEventMap {
  /** Masked bytes of a stream were read; their memory is used again afterwards. */
  outputRead: [processId: string, stream: StreamName, offset: number, data: Buffer];
  /** A process of the build or an SSH command has started. */
  workloadStarted: [];
  processEnded: [process: ManagedProcess];
  /** A limit, a request or a failure ends the container. The detail says what failed. */
  stopRequested: [cause: StopCause, detail?: string];
}

/** Listeners are called at once, in the order in which they were added. */
export type AgentEvents = EventEmitter<AgentEventMap>;

export function createAgentEvents(): AgentEvents {
  return new EventEmitter<AgentEventMap>();
}
