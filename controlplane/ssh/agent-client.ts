import type {
  EnvironmentBody,
  Health,
  ProcessStatus,
  SignalProcess,
  StartProcess,
} from '../../shared/protocol/agent-api.ts';
import type { StreamName, Usage } from '../../shared/protocol/signals.ts';

export interface AgentEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** OpenSSH format, as createClientKeyPair makes it. */
  readonly privateKey: string;
  /** The host key that the enrolment pinned; any other is SSH_HOST_KEY. */
  readonly hostKeyLine: string;
  /** For the connection until it is authenticated, and for each answer of the agent API. */
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
}

export interface OutputPiece {
  /** Offset of the first byte; greater than what was asked for when bytes between were not kept. */
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface FilePlace {
  readonly path: string;
  /** Unix user whose rights count; the workload user when absent. */
  readonly user?: string;
}

export interface CommandOutcome {
  /** Null when a signal ended the command; then `signal` names it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** One container's agent, over one SSH connection. Every failure is an OperationalError. */
export interface AgentClient {
  /** False once the connection has ended, from whichever side. */
  readonly isOpen: boolean;
  /** The readiness proof: throws AGENT_API_FAILED when the nonce does not come back. */
  health(nonce: string): Promise<Health>;
  putEnvironment(body: EnvironmentBody): Promise<void>;
  startProcess(key: string, body: StartProcess): Promise<ProcessStatus>;
  processStatus(key: string): Promise<ProcessStatus>;
  processOutput(key: string, stream: StreamName, offset: number, maxBytes: number): Promise<OutputPiece>;
  signalProcess(key: string, body: SignalProcess): Promise<void>;
  writeFile(file: FilePlace & { readonly mode?: number; readonly content: Buffer | string }): Promise<void>;
  readFile(file: FilePlace): Promise<Buffer>;
  usage(): Promise<Usage>;
  shutdown(): Promise<void>;
  exec(command: string): Promise<CommandOutcome>;
  close(): Promise<void>;
}
