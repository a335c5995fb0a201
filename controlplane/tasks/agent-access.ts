import type { OperationalErrorCode } from '../../shared/model/error.ts';
import type { Health, ProcessStatus, StartProcess } from '../../shared/protocol/agent-api.ts';
import type { StreamName } from '../../shared/protocol/signals.ts';

/** How often an effect may happen: once per entry of the state, per container attempt, or per task. */
export type EffectScope = 'entry' | 'container' | 'task';

/** The result of a call to the agent. Failures are values, because the table decides what follows. */
export type SshOutcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'ssh-failed'; readonly code: string; readonly message: string; readonly retryable: boolean }
  | { readonly kind: 'agent-refused'; readonly code: OperationalErrorCode; readonly message: string };

/** The agent in the current container. Each call is one SSH interaction, and its result informs the SSH witness. */
export interface AgentAccess {
  /** Proves that the right container answers, and gives it the secure overrides (once). */
  verify(): Promise<SshOutcome<Health>>;
  health(): Promise<SshOutcome<Health>>;
  /** Effect: starts a process and returns its id. A repetition with the same scope finds the same process. */
  startProcess(name: string, body: StartProcess, scope: EffectScope): Promise<SshOutcome<ProcessStatus>>;
  processStatus(processId: string): Promise<SshOutcome<ProcessStatus>>;
  /** Returns the last `maxBytes` of the process's stream as text. */
  outputTail(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>>;
  /** Returns the whole stream. Throws if it is longer than `maxBytes`. */
  output(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>>;
  /** Writes a file. Idempotent: a child with the user's uid writes a temporary file and renames it. */
  writeFile(file: { path: string; content: string; mode: string; user?: string }): Promise<SshOutcome<void>>;
  /** Reads a file of at most 64 MiB with the rights of the workload's user. */
  readFile(path: string): Promise<SshOutcome<string>>;
  /** Asks the agent to shut down, as touching the shutdown file does. */
  shutdown(): Promise<SshOutcome<void>>;
}
