import { isDeepStrictEqual } from 'node:util';
import { OperationalError } from '../../../shared/model/error.ts';
import { StartProcess, type Health, type ProcessStatus } from '../../../shared/protocol/agent-api.ts';
import { parseCall } from '../../../agent/api/parse-call.ts';
import type { AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import type { AgentEndpoint } from '../../../controlplane/ssh/open-connection.ts';
import type { RunFile } from '../simulated-run.ts';
import type { AGENT_CALLS, ConnectionFailure } from '../script.ts';
import { outageAt } from './outages.ts';
import type { ScriptedContainer } from './scripted-container.ts';
import type { ScriptedProcess } from './scripted-process.ts';
import { sshFailure } from './ssh-failure.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type AgentCall = (typeof AGENT_CALLS)[number];

export interface AgentPort {
  readonly clock: VirtualClock;
  /** The state of the task whose method calls. */
  readonly state: () => string;
  /** Carries out a call, or lets it fail as the script says. */
  readonly interact: <T>(call: AgentCall, answer: () => T) => T;
  /** Starts a process that the container does not have yet. */
  readonly startProcess: (container: ScriptedContainer, key: string, body: StartProcess) => ScriptedProcess;
}

const TIMEOUT_SECONDS = 10;

/** The agent of a scripted container, by value: the same answers and refusals as over SSH. */
export class ScriptedAgent implements AgentClient {
  readonly isOpen = true;
  readonly isBusy = false;
  /** The files that the task wrote. */
  readonly files: RunFile[] = [];
  /** The text of every file in the container. */
  readonly #texts = new Map<string, string>();
  secure: Readonly<Record<string, string>> | null = null;
  readonly container: ScriptedContainer;
  readonly #port: AgentPort;
  #connections = 0;

  constructor(container: ScriptedContainer, port: AgentPort) {
    this.container = container;
    this.#port = port;
  }

  /** Opens a connection as SSH does: port, host key. */
  connect(endpoint: AgentEndpoint): Promise<AgentClient> {
    const failure = this.#connectionFailure(endpoint);
    if (failure) return Promise.reject(this.failed(failure));
    return Promise.resolve(this);
  }

  /** A connection that cannot be opened takes time when nobody answers at all. */
  failed(failure: ConnectionFailure): OperationalError {
    if (failure === 'timeout') this.#port.clock.advanceSeconds(TIMEOUT_SECONDS);
    return sshFailure(failure);
  }

  #connectionFailure(endpoint: AgentEndpoint): ConnectionFailure | null {
    const { script, age, isCutOff, isRunning, endedBy, hostKey } = this.container;
    if (isCutOff || (endedBy === 'host-lost' && !isRunning)) return 'timeout';
    if (!isRunning) return 'refused';
    const outage = outageAt(script.sshOutages, age);
    if (outage) return outage.failure;
    this.#connections += 1;
    if (this.#connections <= script.sshRefusals) return 'refused';
    return script.wrongHostKey || endpoint.hostKeyLine !== hostKey ? 'host-key' : null;
  }

  health(nonce: string): Promise<Health> {
    return this.#call('health', () => {
      const { script, launch, age, isStopping, processes } = this.container;
      const limit = (name: string): number | null => Number(launch.environment[name] ?? NaN) || null;
      const maxDiskGb = limit('WORKLOAD_MAX_DISK');
      return {
        nonce,
        agentVersion: 'simulated',
        phase: isStopping ? 'stopping' : 'ready',
        uptimeSeconds: age,
        limits: {
          maxTimeSeconds: limit('WORKLOAD_MAX_TIME'),
          maxDiskBytes: maxDiskGb === null ? null : maxDiskGb * 1e9,
        },
        processes: processes.map((process) => process.status()),
        disk: { freeBytes: 100 - script.usedDiskPercent, totalBytes: 100, usedPercent: script.usedDiskPercent },
        environmentSet: this.secure !== null,
      };
    });
  }

  putEnvironment({ secure }: { secure: Record<string, string> }): Promise<void> {
    if (this.secure !== null && !isDeepStrictEqual(this.secure, secure)) {
      return Promise.reject(refusal('PROCESS_CONFLICT', 'The secure environment of this container is already set'));
    }
    this.secure = { ...secure };
    return Promise.resolve();
  }

  startProcess(key: string, body: StartProcess): Promise<ProcessStatus> {
    return this.#call('startProcess', () => {
      parseCall(StartProcess, body);
      const existing = this.container.processes.find(({ facts }) => facts.key === key);
      if (existing && !isDeepStrictEqual(existing.facts.body, body)) {
        throw refusal('PROCESS_CONFLICT', `The process ${key} was started with another body`);
      }
      if (!existing && this.container.isStopping) throw refusal('AGENT_STOPPING', 'This container is stopping');
      return (existing ?? this.#port.startProcess(this.container, key, body)).status();
    });
  }

  processStatus(key: string): Promise<ProcessStatus> {
    return this.#call('processStatus', () => this.#find(key).status());
  }

  processOutput(...[key, stream, offset, maxBytes]: Parameters<AgentClient['processOutput']>) {
    return this.#call('output', () => ({ offset, bytes: this.#find(key).read(stream, offset, maxBytes) }));
  }

  #find(key: string): ScriptedProcess {
    const process = this.container.processes.find(({ facts }) => facts.key === key);
    if (process) return process;
    throw refusal('PROCESS_UNKNOWN', `No process was started under the key ${key} in this container`);
  }

  signalProcess(): Promise<void> {
    return Promise.resolve();
  }

  writeFile({ path, content, mode, user }: Parameters<AgentClient['writeFile']>[0]): Promise<void> {
    return this.#call('writeFile', () => {
      const text = typeof content === 'string' ? content : content.toString('utf8');
      const written = { path, content: text, mode: (mode ?? 0o644).toString(8).padStart(4, '0'), user: user ?? null };
      const earlier = this.files.findIndex((file) => file.path === path);
      const file = { ...written, state: this.#port.state() };
      if (earlier < 0) this.files.push(file);
      else this.files[earlier] = file;
      this.#texts.set(path, text);
    });
  }

  /** Puts files into the container that a process of it has written. */
  putFiles(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) this.#texts.set(path, text);
  }

  readFile({ path }: Parameters<AgentClient['readFile']>[0]): Promise<Buffer> {
    return this.#call('readFile', () => {
      const text = this.#texts.get(path);
      if (text === undefined) throw refusal('FILE_REFUSED', `There is no file ${path} in this container`);
      return Buffer.from(text);
    });
  }

  shutdown(): Promise<void> {
    return this.#call('shutdown', () => {
      if (this.container.script.shutdown === 'refuses') throw refusal('AGENT_API_FAILED', 'The agent does not stop');
      if (this.container.isStopping) throw refusal('AGENT_STOPPING', 'This container is stopping');
      this.container.shutDown();
    });
  }

  usage(): Promise<never> {
    return Promise.reject(new Error('a step does not ask for the usage'));
  }

  exec(): Promise<never> {
    return Promise.reject(new Error('a step runs no command without the agent API'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #call<T>(call: AgentCall, answer: () => T): Promise<T> {
    return this.#port.interact(call, answer);
  }
}

function refusal(
  code: 'PROCESS_CONFLICT' | 'AGENT_STOPPING' | 'PROCESS_UNKNOWN' | 'FILE_REFUSED' | 'AGENT_API_FAILED',
  happened: string,
) {
  return new OperationalError(code, { happened, remedy: 'This is a simulated agent: see the script of the test' });
}
