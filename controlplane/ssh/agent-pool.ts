import type { Clock } from '../../shared/support/clock.ts';
import type { AgentClient } from './agent-client.ts';
import type { AgentEndpoint } from './open-connection.ts';

export interface AgentPoolOptions {
  readonly connect: (endpoint: AgentEndpoint) => Promise<AgentClient>;
  /** The longest unused connections are closed beyond this; those in use never are. */
  readonly maxConnections: number;
  /** A connection that nobody asked for so long is closed. */
  readonly idleMs: number;
  readonly clock: Clock;
}

/** Keeps one connection per container attempt, shared by all who need it. */
export interface AgentPool {
  /** The open connection of this attempt, or a new one. Ask again for each conversation and do not close it. */
  connect(attempt: string, endpoint: AgentEndpoint): Promise<AgentClient>;
  /** The container has ended, or its agent must prove itself again. */
  drop(attempt: string): Promise<void>;
  /** Closes every connection; calls under way fail. */
  close(): Promise<void>;
}

interface Entry {
  readonly attempt: string;
  /** Everything that a connection depends on: a new address or key needs a new one. */
  readonly identity: string;
  readonly connecting: Promise<AgentClient>;
  /** Once connected. */
  agent: AgentClient | undefined;
  askedAtMs: number;
  idle: NodeJS.Timeout | undefined;
}

// Whoever was just given a connection is about to use it.
const JUST_GIVEN_MS = 1_000;

export function createAgentPool(options: AgentPoolOptions): AgentPool {
  return new ConnectionPool(options);
}

class ConnectionPool implements AgentPool {
  readonly #options: AgentPoolOptions;
  /** In the order in which they were last asked for. */
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
      (agent) => (entry.agent = agent),
      () => this.#remove(entry), // the error goes to whoever waits for it; the next one connects anew
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

  #closeWhenIdle(entry: Entry): void {
    clearTimeout(entry.idle);
    const look = (): void => (entry.agent?.isBusy ? this.#closeWhenIdle(entry) : void this.#remove(entry));
    entry.idle = setTimeout(look, this.#options.idleMs).unref();
  }

  /** When all are in use there is one more: who uses them is bounded by the engine's concurrency. */
  #makeRoom(): void {
    const now = this.#options.clock.monotonicMs();
    for (const entry of [...this.#entries.values()]) {
      if (this.#entries.size < this.#options.maxConnections) return;
      const isUsed = !entry.agent || entry.agent.isBusy || now - entry.askedAtMs < JUST_GIVEN_MS;
      if (!isUsed) void this.#remove(entry);
    }
  }

  /** Out of the pool at once, closed in the background; the promise is for those who want to wait. */
  async #remove(entry: Entry): Promise<void> {
    clearTimeout(entry.idle);
    if (this.#entries.get(entry.attempt) === entry) this.#entries.delete(entry.attempt);
    const agent = await entry.connecting.catch(() => undefined); // told to whoever waited for it
    await agent?.close();
  }
}
