import { jsonOrUndefined } from '../../shared/text/json-or-undefined.ts';
import type { Client as SshClient } from 'ssh2';
import type { Pool } from 'undici';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import {
  Health,
  ProcessStatus,
  UsageAnswer,
  type EnvironmentBody,
  type SignalProcess,
  type StartProcess,
} from '../../shared/protocol/agent-api.ts';
import type { StreamName, Usage } from '../../shared/protocol/signals.ts';
import { callAgent, type AgentAnswer, type AgentCall } from './call-agent.ts';
import { openConnection, pinnedTo, type AgentEndpoint } from './open-connection.ts';
import { execCommand, type CommandOutcome } from './exec-command.ts';
import { createTunnel } from './tunnel.ts';

export type { AgentEndpoint } from './open-connection.ts';

export interface AgentOutput {
  /** Offset of the first byte. It is greater than the requested one when bytes in between were not kept. */
  readonly offset: number;
  readonly bytes: Buffer;
}

export interface RemoteFile {
  readonly path: string;
  /** Unix user whose rights apply; the workload user when absent. */
  readonly user?: string;
}

export interface RemoteFileToWrite extends RemoteFile {
  /** Permissions, such as 0o600; the agent's default is 0o644. */
  readonly mode?: number;
  readonly content: Buffer | string;
}

/** One container's agent, over one SSH connection. Every failure is an OperationalError. */
export interface AgentClient {
  /** False once either side has ended the connection. */
  readonly isOpen: boolean;
  /** Whether a call or a command is under way. */
  readonly isBusy: boolean;
  /** Proves readiness: throws AGENT_API_FAILED when the nonce does not come back. */
  health(nonce: string): Promise<Health>;
  putEnvironment(body: EnvironmentBody): Promise<void>;
  startProcess(key: string, body: StartProcess): Promise<ProcessStatus>;
  processStatus(key: string): Promise<ProcessStatus>;
  processOutput(key: string, stream: StreamName, offset: number, maxBytes: number): Promise<AgentOutput>;
  /**
   * Like processOutput, for a container without an agent: nothing of a process whose output is only there to be asked for.
   * Absent: the agent reports output by itself.
   */
  unreportedOutput?(key: string, stream: StreamName, offset: number, maxBytes: number): Promise<AgentOutput>;
  signalProcess(key: string, body: SignalProcess): Promise<void>;
  writeFile(file: RemoteFileToWrite): Promise<void>;
  readFile(file: RemoteFile): Promise<Buffer>;
  usage(): Promise<Usage>;
  shutdown(): Promise<void>;
  exec(command: string): Promise<CommandOutcome>;
  close(): Promise<void>;
}

// Build files, keys, scripts and results travel this way; artefacts do not.
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Connects, checks the pinned host key and logs in. Rejects with the class of the failure. Never hangs. */
export async function connectAgent(endpoint: AgentEndpoint): Promise<AgentClient> {
  return new TunnelledAgent(await openConnection(endpoint, pinnedTo(endpoint.hostKeyLine)), endpoint.timeoutMs);
}

class TunnelledAgent implements AgentClient {
  isOpen = true;
  readonly #ssh: SshClient;
  readonly #pool: Pool;
  readonly #timeoutMs: number;
  readonly #closed: Promise<void>;
  #underWay = 0;

  constructor(ssh: SshClient, timeoutMs: number) {
    this.#ssh = ssh;
    this.#timeoutMs = timeoutMs;
    this.#pool = createTunnel(ssh, timeoutMs);
    ssh.on('error', () => undefined); // 'close' follows, and calls under way fail by their channels
    this.#closed = new Promise((resolve) => {
      ssh.once('close', () => {
        this.isOpen = false;
        void this.#pool.destroy(connectionEnded()).then(resolve, resolve);
      });
    });
  }

  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  async health(nonce: string): Promise<Health> {
    const health = await this.#json(Health, { method: 'GET', path: '/v1/health', query: { nonce } });
    if (health.nonce === nonce) return health;
    throw new OperationalError('AGENT_API_FAILED', {
      happened: `The agent's health answer belongs to another question (nonce ${String(health.nonce)})`,
      remedy: 'Do not take this container for ready: something stands between it and the control plane',
    });
  }

  async putEnvironment(body: EnvironmentBody): Promise<void> {
    await this.#call({ method: 'PUT', path: '/v1/environment', body });
  }

  startProcess(key: string, body: StartProcess): Promise<ProcessStatus> {
    return this.#json(ProcessStatus, { method: 'PUT', path: processPath(key), body });
  }

  processStatus(key: string): Promise<ProcessStatus> {
    return this.#json(ProcessStatus, { method: 'GET', path: processPath(key) });
  }

  async processOutput(key: string, stream: StreamName, offset: number, maxBytes: number): Promise<AgentOutput> {
    const query = { stream, offset, maxBytes };
    const call = { method: 'GET', path: `${processPath(key)}/output`, query, maxAnswerBytes: maxBytes } as const;
    const { headers, body } = await this.#call(call);
    return { offset: Number(headers['x-wip-offset'] ?? offset), bytes: body };
  }

  async signalProcess(key: string, body: SignalProcess): Promise<void> {
    await this.#call({ method: 'POST', path: `${processPath(key)}/signal`, body });
  }

  async writeFile({ path, user, mode, content }: RemoteFileToWrite): Promise<void> {
    const query = { path, user, mode: mode?.toString(8) };
    await this.#call({ method: 'PUT', path: '/v1/files', query, body: Buffer.from(content as string) });
  }

  async readFile({ path, user }: RemoteFile): Promise<Buffer> {
    const call = { method: 'GET', path: '/v1/files', query: { path, user }, maxAnswerBytes: MAX_FILE_BYTES } as const;
    return (await this.#call(call)).body;
  }

  async usage(): Promise<Usage> {
    return (await this.#json(UsageAnswer, { method: 'GET', path: '/v1/usage' })).usage;
  }

  async shutdown(): Promise<void> {
    await this.#call({ method: 'POST', path: '/v1/shutdown' });
  }

  exec(command: string): Promise<CommandOutcome> {
    return this.#whileOpen(() => execCommand(this.#ssh, command, this.#timeoutMs));
  }

  async close(): Promise<void> {
    // destroy and not end: end would wait for an agent that may be gone, and no call is under way that would be lost.
    if (this.isOpen) this.#ssh.destroy();
    await this.#closed;
  }

  #call(call: Omit<AgentCall, 'timeoutMs'>): Promise<AgentAnswer> {
    return this.#whileOpen(() => callAgent(this.#pool, { ...call, timeoutMs: this.#timeoutMs }));
  }

  async #whileOpen<T>(action: () => Promise<T>): Promise<T> {
    if (!this.isOpen) throw connectionEnded();
    this.#underWay += 1;
    try {
      return await action();
    } finally {
      this.#underWay -= 1;
    }
  }

  async #json<T>(schema: z.ZodType<T>, call: Omit<AgentCall, 'timeoutMs'>): Promise<T> {
    const { body } = await this.#call(call);
    const parsed = schema.safeParse(jsonOrUndefined(body.toString()));
    if (parsed.success) return parsed.data;
    throw new OperationalError('AGENT_API_FAILED', {
      happened: `The agent's answer to ${call.method} ${call.path} is not understood: ${z.prettifyError(parsed.error)}`,
      remedy: 'See whether agent and control plane are of the same version',
      cause: parsed.error,
    });
  }
}

function processPath(key: string): string {
  return `/v1/processes/${encodeURIComponent(key)}`;
}

export function connectionEnded(): OperationalError {
  return new OperationalError('SSH_CHANNEL', {
    happened: 'The SSH connection to the agent has ended',
    remedy: 'Connect again',
  });
}
