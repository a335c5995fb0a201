import type { Health, ProcessStatus, StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { AgentAccess, EffectScope, SshOutcome } from '../../tasks/agent-access.ts';
import type { MethodCalls } from './method-calls.ts';

/** The agent of a container; its calls are recorded as calls of one method. */
export class WatchedAgent implements AgentAccess {
  readonly #agent: AgentAccess;
  readonly #calls: MethodCalls;

  constructor(agent: AgentAccess, calls: MethodCalls) {
    this.#agent = agent;
    this.#calls = calls;
  }

  verify(): Promise<SshOutcome<Health>> {
    return this.#calls.effect('agent.verify()', () => this.#agent.verify());
  }

  health(): Promise<SshOutcome<Health>> {
    return this.#calls.read(() => this.#agent.health());
  }

  startProcess(name: string, body: StartProcess, scope: EffectScope): Promise<SshOutcome<ProcessStatus>> {
    return this.#calls.effect(`agent.startProcess("${name}")`, () => this.#agent.startProcess(name, body, scope));
  }

  processStatus(processId: string): Promise<SshOutcome<ProcessStatus>> {
    return this.#calls.read(() => this.#agent.processStatus(processId));
  }

  outputTail(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>> {
    return this.#calls.read(() => this.#agent.outputTail(processId, stream, maxBytes));
  }

  output(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>> {
    return this.#calls.read(() => this.#agent.output(processId, stream, maxBytes));
  }

  writeFile(file: { path: string; content: string; mode: string; user?: string }): Promise<SshOutcome<void>> {
    return this.#calls.effect('agent.writeFile()', () => this.#agent.writeFile(file));
  }

  readFile(path: string): Promise<SshOutcome<string>> {
    return this.#calls.read(() => this.#agent.readFile(path));
  }

  shutdown(): Promise<SshOutcome<void>> {
    return this.#calls.effect('agent.shutdown()', () => this.#agent.shutdown());
  }
}
