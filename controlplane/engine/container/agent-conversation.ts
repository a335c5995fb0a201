import { OperationalError } from '../../../shared/model/error.ts';
import type { ContainerAddress } from '../../containers/container.ts';
import type { SshFailure } from '../../containers/liveness.ts';
import type { AgentClient, AgentEndpoint } from '../../ssh/agent-client.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { SshWitness } from '../../store/schema/container-tables.ts';
import type { SshOutcome } from '../../tasks/agent-access.ts';
import type { StepDeps } from '../engine-deps.ts';
import { clientKeyContext } from '../../store/secrets/seal-contexts.ts';

/** The attempt whose agent is called, in its present state. ContainerSession implements it. */
export interface CurrentAttempt {
  readonly row: AttemptRow | null;
  address(): Promise<ContainerAddress | null>;
  /** Overwrites columns of the row with values that were just saved. */
  update(changed: Partial<AttemptRow>): void;
}

export type ConversationDeps = Pick<
  StepDeps,
  'store' | 'sealer' | 'agents' | 'readHostKey' | 'clock' | 'observer' | 'failpoint'
>;

// One round trip within a region takes milliseconds. After ten seconds a host is dead rather than slow (a common value of
// OpenSSH's ConnectTimeout).
const TIMEOUT_MS = 10_000;
const KEEPALIVE_MS = 15_000;
// Every interaction with the agent proves that it lives. A proof is saved only when the saved one is older than this,
// because few proofs need a commit.
const PROOF_INTERVAL_MS = 5_000;

const FAILURES: Readonly<Record<string, SshFailure>> = {
  SSH_REFUSED: 'refused',
  SSH_TIMEOUT: 'timeout',
  SSH_KEY_EXCHANGE: 'key-exchange',
  SSH_AUTH: 'auth',
  SSH_HOST_KEY: 'host-key',
  SSH_CHANNEL: 'channel',
};

/**
 * Returns the directory of the wrapper in a container without an agent. It is specific to the attempt, because containers of
 * local ECS share one /tmp.
 */
function legacyDirectory({ uuid }: AttemptRow): string {
  return `/tmp/.wip-${uuid}`;
}

/** Conversations with the agent of one attempt. The outcome of each is saved as the SSH witness of the attempt. */
export class AgentConversation {
  readonly #deps: ConversationDeps;
  readonly #current: CurrentAttempt;
  readonly #now: Date;

  constructor(deps: ConversationDeps, current: CurrentAttempt, now: Date) {
    this.#deps = deps;
    this.#current = current;
    this.#now = now;
  }

  async converse<T>(talk: (client: AgentClient, attempt: AttemptRow) => Promise<T>): Promise<SshOutcome<T>> {
    const attempt = this.#current.row;
    const address = attempt && (await this.#current.address());
    const isLegacy = typeof attempt?.signalSecretHash === 'string';
    if (!attempt || (!attempt.hostKey && !isLegacy) || !attempt.clientKeySealed || !address) {
      const message = isLegacy
        ? 'ECS has not told the address of the container yet.'
        : 'The container has not enrolled yet.';
      return { kind: 'ssh-failed', code: 'SSH_REFUSED', message, retryable: true };
    }
    const { agents, sealer, observer, failpoint } = this.#deps;
    try {
      const endpoint = {
        ...address,
        // An agent that does not run as root accepts every user name for its own user.
        user: 'root',
        privateKey: sealer.open(attempt.clientKeySealed, clientKeyContext(attempt.uuid)),
        timeoutMs: TIMEOUT_MS,
        keepaliveMs: KEEPALIVE_MS,
        ...(isLegacy && { legacyDirectory: legacyDirectory(attempt) }),
      };
      await failpoint('before-agent-call');
      const hostKeyLine = attempt.hostKey ?? (await this.#pinHostKey(attempt, endpoint));
      const value = await talk(await agents.connect(attempt.uuid, { ...endpoint, hostKeyLine }), attempt);
      observer.agentCalled('answered');
      await failpoint('after-agent-call');
      await this.#witness(attempt, null);
      return { kind: 'ok', value };
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const failure = FAILURES[error.code] ?? null;
      observer.agentCalled(failure ?? 'agent-refused');
      // An agent that refuses has answered, which proves that it lives.
      await this.#witness(attempt, failure);
      if (!failure) return { kind: 'agent-refused', code: error.code, message: error.message };
      await agents.drop(attempt.uuid);
      return { kind: 'ssh-failed', code: error.code, message: error.message, retryable: error.retryable };
    }
  }

  /**
   * Pins the host key of a container without an agent at its first use, because no enrolment has reported it. If two nodes do
   * this at once, both get the same pinned key, and the connection that follows accepts no other.
   */
  async #pinHostKey(attempt: AttemptRow, endpoint: Omit<AgentEndpoint, 'hostKeyLine'>): Promise<string> {
    const { readHostKey, store } = this.#deps;
    const hostKey = await store.pinHostKey(attempt.id, await readHostKey(endpoint));
    this.#current.update({ hostKey });
    return hostKey;
  }

  async #witness(attempt: AttemptRow, failure: SshFailure | null): Promise<void> {
    const before = attempt.sshWitness;
    const provenAgoMs = before?.provenAt ? this.#now.getTime() - Date.parse(before.provenAt) : Infinity;
    if ((before?.failure ?? null) === failure && (failure !== null || provenAgoMs < PROOF_INTERVAL_MS)) return;
    const provenAt = failure === null ? this.#now.toISOString() : (before?.provenAt ?? null);
    const ssh: SshWitness = { provenAt, failure };
    await this.#deps.store.markWitnessed(attempt.id, { ssh });
    this.#current.update({ sshWitness: ssh });
  }
}
