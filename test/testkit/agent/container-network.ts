import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Clock } from '../../../shared/time/clock.ts';
import { outageAt } from '../world/outages.ts';
import type { AgentContainer } from './agent-script.ts';
import { forward, type Forwarded, type SignalRequest } from './forward-request.ts';
import type { SignalRules } from './signal-rules.ts';
import { openSshGate, type SshGate } from './ssh-gate.ts';

export interface ContainerNetworkDeps {
  readonly container: Pick<AgentContainer, 'networkOutages' | 'sshOutages' | 'sshRefusals'>;
  readonly rules: SignalRules;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Called with the status that a forged signal was answered with. */
  readonly onForged: (status: number) => void;
  /** Aborts when the whole system ends: signals that are late are dropped. */
  readonly abort: AbortSignal;
}

// The addresses by which the agent reaches the control plane.
const ADDRESSES = ['WIP_ENROL_URL', 'SIGNAL_URL'] as const;
const ACCEPTED: Forwarded = { status: 202, headers: {}, body: Buffer.alloc(0) };
// A node that is restarted answers within this time. What is late longer than a signature holds is refused anyway.
const LATE_TRIES = 30;
const LATE_PAUSE_MS = 1_000;

/**
 * The network between a container and the control plane: down for a time, in both directions, and slow or faithless with
 * signals as the script says. A container without such a script has none of it, and speaks to the nodes directly.
 */
export class ContainerNetwork {
  /** The container's environment, with addresses that lead through this network. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #deps: ContainerNetworkDeps;
  readonly #startedMs: number;
  readonly #server: Server | null;
  readonly #over = new AbortController();
  #gate: SshGate | null = null;
  #refused = 0;

  private constructor(deps: ContainerNetworkDeps, server: Server | null) {
    this.#deps = deps;
    this.#server = server;
    this.#startedMs = deps.clock.monotonicMs();
    this.environment = server ? through(server, deps.environment) : deps.environment;
    for (const { from } of [...deps.container.networkOutages, ...deps.container.sshOutages]) void this.#cutAt(from);
  }

  static async open(deps: ContainerNetworkDeps): Promise<ContainerNetwork> {
    const isPlain = deps.rules.isEmpty && deps.container.networkOutages.length === 0;
    const server = isPlain ? null : createServer();
    if (server) await once(server.listen(0, '127.0.0.1'), 'listening');
    const network = new ContainerNetwork(deps, server);
    server?.on('request', (request, response) => void network.#carry(request, response));
    return network;
  }

  /** Returns the port behind which the container's SSH server is reached. */
  async sshPort(port: number): Promise<number> {
    const { sshRefusals, sshOutages, networkOutages } = this.#deps.container;
    if (sshRefusals === 0 && sshOutages.length === 0 && networkOutages.length === 0) return port;
    this.#gate = await openSshGate(port, () => this.#refusesSsh());
    return this.#gate.port;
  }

  #refusesSsh(): boolean {
    if (this.#isDown() || outageAt(this.#deps.container.sshOutages, this.#age())) return true;
    this.#refused += 1;
    return this.#refused <= this.#deps.container.sshRefusals;
  }

  #age(): number {
    return (this.#deps.clock.monotonicMs() - this.#startedMs) / 1000;
  }

  #isDown(): boolean {
    return outageAt(this.#deps.container.networkOutages, this.#age()) !== undefined;
  }

  /** Connections that are open when an outage begins end with it. */
  async #cutAt(seconds: number): Promise<void> {
    await this.#deps.clock.sleep(seconds * 1000, this.#over.signal);
    if (this.#over.signal.aborted) return;
    this.#gate?.cut();
    if (this.#isDown()) this.#server?.closeAllConnections();
  }

  async #carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (this.#isDown()) throw new Error('the network is down');
      const { url = '/', headers } = request;
      const target = new URL(url, this.#deps.environment['SIGNAL_URL']);
      const answer = await this.#follow({ target, headers, body: await buffer(request) });
      if (this.#isDown()) throw new Error('the network went down before the answer');
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      request.socket.resetAndDestroy(); // the agent sees a connection that broke, and tries again
    }
  }

  async #follow(signal: SignalRequest): Promise<Forwarded> {
    const isSignal = signal.target.pathname === new URL(this.#deps.environment['SIGNAL_URL'] ?? '').pathname;
    const rule = isSignal ? this.#deps.rules.find(signal.body) : undefined;
    if (!rule) return forward(signal);
    if (rule.forged) this.#deps.onForged((await forward(forgery(signal))).status);
    if (rule.lost) return ACCEPTED;
    if (rule.late > 0) {
      void this.#forwardLate(signal, { seconds: rule.late, times: rule.doubled ? 2 : 1 });
      return ACCEPTED;
    }
    if (rule.doubled) await forward(signal);
    return forward(signal);
  }

  async #forwardLate(signal: SignalRequest, { seconds, times }: { seconds: number; times: number }): Promise<void> {
    const { clock, abort } = this.#deps;
    await clock.sleep(seconds * 1000, abort);
    for (let tries = 0, done = 0; tries < LATE_TRIES && done < times && !abort.aborted; tries += 1) {
      try {
        await forward(signal);
        done += 1;
      } catch {
        await clock.sleep(LATE_PAUSE_MS, abort); // no node answers: one may have been killed
      }
    }
  }

  close(): void {
    this.#over.abort();
    this.#gate?.close();
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}

function through(server: Server, environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { port } = server.address() as AddressInfo;
  const led = ADDRESSES.flatMap((name) => {
    const address = environment[name];
    if (address === undefined) return [];
    const { pathname, search } = new URL(address);
    return [[name, `http://127.0.0.1:${port}${pathname}${search}`] as const];
  });
  return { ...environment, ...Object.fromEntries(led) };
}

/** Returns the request of somebody who does not have the key: the headers of the agent, and words of his own. */
function forgery({ body, ...request }: SignalRequest): SignalRequest {
  const said = JSON.parse(body.toString()) as Record<string, unknown>;
  return { ...request, body: Buffer.from(JSON.stringify({ ...said, forged: true })) };
}
