import type { Clock } from '../../shared/time/clock.ts';
import type { AgentClient } from './agent-client.ts';
import type { AgentEndpoint } from './open-connection.ts';

export interface AgentPoolOptions {
  readonly connect: (endpoint: AgentEndpoint) => Promise<AgentClient>;
  /** Beyond this number the longest unused connections are closed. Connections in use never are. */
  readonly maxConnections: number;
  /** A connection that was not asked for in this time is closed. */
  readonly idleMs: number;
  readonly clock: Clock;
}

/** Keeps one connection per container attempt, for all callers. */
export interface AgentPool {
  /**
   * Returns the open connection of this attempt, or a new one. Callers ask again for each conversation and do not close
   * it.
   */
  connect(attempt: string, endpoint: AgentEndpoint): Promise<AgentClient>;
  /** Closes the connection: the container has ended, or its agent must prove itself again. */
  drop(attempt: string): Promise<void>;
  /** Closes every connection; calls under way fail. */
  close(): Promise<void>;
}

interface Entry {
  readonly attempt: string;
  /** The parts of the endpoint that a connection depends on. A new address or key needs a new connection. */
  readonly identity: string;
  readonly connecting: Promise<AgentClient>;
  /** Set once connected. */
  agent: AgentClient | undefined;
  askedAtMs: number;
  idle: NodeJS.Timeout | undefined;
}

// A caller that was just given a connection is about to use it.
const JUST_GIVEN_MS = 1_000;

export function createAgentPool(options: AgentPoolOptions): AgentPool {
  return new ConnectionPool(options);
}

class ConnectionPool implements AgentPool {
  readonly #options: AgentPoolOptions;
  /** Ordered by the time of the last request for each. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: AgentPoolOptions) {
    this.#options = options;
  }

  async connect(attempt: string, endpoint: AgentEndpoint): Promise<AgentClient> {
    const identity = JSON.stringify([endpoint.host, endpoint.port, endpoint.user, endpoint.hostKeyLine]);
    const known = this.#entries.get(attempt);
    if (known?.identity === identity && known.agent?.isOpen !== false) return this.#give(known);
    if (known) void this.#remove(known);
    this.#makeRoom();
    const connecting = this.#options.connect(endpoint);
    const entry: Entry = { attempt, identity, connecting, agent: undefined, askedAtMs: 0, idle: undefined };
    connecting.then(
      (agent) => {
        entry.agent = agent;
        if (this.#entries.get(attempt) === entry) this.#closeWhenIdle(entry);
      },
      () => this.#remove(entry), // the caller gets the error; the next one connects anew
    );
    return this.#give(entry);
  }

  async drop(attempt: string): Promise<void> {
    const entry = this.#entries.get(attempt);
    if (entry) await this.#remove(entry);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#remove(entry)));
  }

  #give(entry: Entry): Promise<AgentClient> {
    entry.askedAtMs = this.#options.clock.monotonicMs();
    this.#entries.delete(entry.attempt);
    this.#entries.set(entry.attempt, entry);
    this.#closeWhenIdle(entry);
    return entry.connecting;
  }

  /** A connection that is still being made is waited for by its caller, however long that takes. */
  #closeWhenIdle(entry: Entry): void {
    clearTimeout(entry.idle);
    const closeUnlessUsed = (): void => {
      if (entry.agent && !entry.agent.isBusy) void this.#remove(entry);
      else this.#closeWhenIdle(entry);
    };
    entry.idle = setTimeout(closeUnlessUsed, this.#options.idleMs).unref();
  }

  /** When all connections are in use, one more is opened: the engine's concurrency bounds their number. */
  #makeRoom(): void {
    const now = this.#options.clock.monotonicMs();
    for (const entry of [...this.#entries.values()]) {
      if (this.#entries.size < this.#options.maxConnections) return;
      const isUsed = !entry.agent || entry.agent.isBusy || now - entry.askedAtMs < JUST_GIVEN_MS;
      if (!isUsed) void this.#remove(entry);
    }
  }

  /** Removes the entry at once and closes it in the background. The promise is for callers who want to wait. */
  async #remove(entry: Entry): Promise<void> {
    clearTimeout(entry.idle);
    if (this.#entries.get(entry.attempt) === entry) this.#entries.delete(entry.attempt);
    const agent = await entry.connecting.catch(() => undefined); // the caller that waited for it has the error
    await agent?.close();
  }
}
