import type { SshWitness } from '../../store/schema/container-tables.ts';
import { randomBytes } from 'node:crypto';
import { OPERATIONAL_ERRORS, OperationalError } from '../../../shared/model/error.ts';
import { ProcessStatus, type Health, type StartProcess } from '../../../shared/protocol/agent-api.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import { openSealed, seal } from '../../../shared/support/sealing.ts';
import type { ContainerAddress } from '../../containers/container.ts';
import type { SshFailure } from '../../containers/liveness.ts';
import { LaunchRequest } from '../../containers/launch-ledger.ts';
import type { AgentClient } from '../../ssh/agent-client.ts';
import { markVerified, markWitnessed } from '../../store/attempts/mark-attempt.ts';
import { findEffect, intendEffect, settleEffect } from '../../store/effects/effects.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { AgentAccess, EffectScope, SshOutcome } from '../../tasks/context.ts';
import { LeaveTask, type EngineDeps } from '../engine-deps.ts';
import { clientKeyPlace } from './launch-ledger.ts';

export interface AgentTask {
  readonly lease: TaskLease;
  readonly effectKey: (scope: EffectScope, name: string) => string;
  readonly attempt: () => AttemptRow | null;
  readonly address: () => Promise<ContainerAddress | null>;
  readonly now: Date;
  /** The next look at the attempt must read it anew. */
  readonly onWitnessed: (changed: Partial<AttemptRow>) => void;
  readonly signal: AbortSignal;
}

// One round trip within a region takes milliseconds; ten seconds tell a slow host from a dead one (OpenSSH's own
// ConnectTimeout is commonly set to that).
const TIMEOUT_MS = 10_000;
const KEEPALIVE_MS = 15_000;
// A proof is written down again only when the last one is older: every interaction proves, few need a commit.
const PROOF_INTERVAL_MS = 5_000;

const FAILURES: Readonly<Record<string, SshFailure>> = {
  SSH_REFUSED: 'refused',
  SSH_TIMEOUT: 'timeout',
  SSH_KEY_EXCHANGE: 'key-exchange',
  SSH_AUTH: 'auth',
  SSH_HOST_KEY: 'host-key',
  SSH_CHANNEL: 'channel',
};

/** The agent of the task's current container, each conversation told to the witnesses. */
export function createAgentAccess(deps: EngineDeps, task: AgentTask): AgentAccess {
  const { masterKey } = deps;

  async function converse<T>(talk: (client: AgentClient, attempt: AttemptRow) => Promise<T>): Promise<SshOutcome<T>> {
    const attempt = task.attempt();
    const address = attempt && (await task.address());
    if (!attempt?.hostKey || !attempt.clientKeySealed || !address) {
      return {
        kind: 'ssh-failed',
        code: 'SSH_REFUSED',
        message: 'The container has not enrolled yet.',
        retryable: true,
      };
    }
    try {
      const endpoint = {
        ...address,
        // An agent that is not root takes every name for its own user.
        user: 'root',
        privateKey: openSealed(masterKey, attempt.clientKeySealed, clientKeyPlace(attempt.uuid)),
        hostKeyLine: attempt.hostKey,
        timeoutMs: TIMEOUT_MS,
        keepaliveMs: KEEPALIVE_MS,
      };
      await deps.failpoint('before-agent-call');
      const value = await talk(await deps.agents.connect(attempt.uuid, endpoint), attempt);
      await deps.failpoint('after-agent-call');
      await witness(attempt, null);
      return { kind: 'ok', value };
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const failure = FAILURES[error.code] ?? null;
      // An agent that refuses has answered: that is a proof too.
      await witness(attempt, failure);
      if (!failure) return { kind: 'agent-refused', code: error.code, message: error.message };
      await deps.agents.drop(attempt.uuid);
      return { kind: 'ssh-failed', code: error.code, message: error.message, retryable: error.retryable };
    }
  }

  async function witness(attempt: AttemptRow, failure: SshFailure | null): Promise<void> {
    const before = attempt.sshWitness;
    const provenAgoMs = before?.provenAt ? task.now.getTime() - Date.parse(before.provenAt) : Infinity;
    if ((before?.failure ?? null) === failure && (failure !== null || provenAgoMs < PROOF_INTERVAL_MS)) return;
    const provenAt = failure === null ? task.now.toISOString() : (before?.provenAt ?? null);
    const ssh: SshWitness = { provenAt, failure };
    await markWitnessed(deps.db, attempt.id, { ssh });
    task.onWitnessed({ sshWitness: ssh });
  }

  /** The secure overrides of the launch, handed over once the right container is proven. */
  async function secureOverrides(attempt: AttemptRow): Promise<Record<string, string>> {
    const effect = await findEffect(deps.db, task.lease.id, attempt.launchKey);
    if (!effect) return {};
    const request = openSealed(masterKey, effect.request, `effect/${attempt.launchKey}/request`);
    return LaunchRequest.parse(JSON.parse(request)).secureOverrides;
  }

  async function startProcess(
    name: string,
    body: StartProcess,
    scope: EffectScope,
  ): Promise<SshOutcome<ProcessStatus>> {
    const key = task.effectKey(scope, name);
    const place = `effect/${key}/request`;
    const request = seal(masterKey.reveal(), JSON.stringify(body), place);
    await deps.failpoint('before-process-intent', name);
    const effect = await intendEffect(deps.db, task.lease, { key, name, scope, request });
    if (!effect) throw new LeaveTask('lost');
    await deps.failpoint('after-process-intent', name);
    if (effect.state === 'answered') return { kind: 'ok', value: ProcessStatus.parse(effect.answer) };
    if (effect.state === 'refused') return effect.answer as SshOutcome<ProcessStatus>;
    // What is stored is what is sent: the same key with another body would be refused by the agent.
    const stored = JSON.parse(openSealed(masterKey, effect.request, place)) as StartProcess;
    task.signal.throwIfAborted();
    const outcome = await converse((client) => client.startProcess(key, stored));
    await deps.failpoint('after-process-started', name);
    if (outcome.kind === 'ok') {
      await settleEffect(deps.db, { taskId: task.lease.id, key, state: 'answered', answer: outcome.value });
    } else if (outcome.kind === 'agent-refused' && !OPERATIONAL_ERRORS[outcome.code].retryable) {
      // Anything else is no answer: the process may run, and the same call finds it when the state is entered again.
      await settleEffect(deps.db, { taskId: task.lease.id, key, state: 'refused', answer: outcome });
    }
    return outcome;
  }

  return {
    verify: () =>
      converse(async (client, attempt) => {
        const health = await client.health(randomBytes(16).toString('base64url'));
        const secure = await secureOverrides(attempt);
        if (!health.environmentSet && Object.keys(secure).length > 0) await client.putEnvironment({ secure });
        const address = await task.address();
        if (!attempt.sshVerifiedAt && address) {
          await markVerified(deps.db, attempt.id, address);
          task.onWitnessed({ sshVerifiedAt: task.now });
        }
        return health;
      }),
    health: () => converse((client): Promise<Health> => client.health(randomBytes(16).toString('base64url'))),
    startProcess,
    processStatus: (processId) => converse((client) => client.processStatus(processId)),
    outputTail: (processId, stream, maxBytes) =>
      converse((client) => readTail(client, { processId, stream, maxBytes })),
    output: (processId, stream, maxBytes) => converse((client) => readWhole(client, { processId, stream, maxBytes })),
    writeFile: ({ path, content, mode, user }) =>
      converse((client) =>
        client.writeFile({ path, content, mode: Number.parseInt(mode, 8), ...(user ? { user } : {}) }),
      ),
    shutdown: () => converse((client) => client.shutdown()),
  };
}

interface OutputRange {
  readonly processId: string;
  readonly stream: StreamName;
  readonly maxBytes: number;
}

async function readTail(client: AgentClient, { processId, stream, maxBytes }: OutputRange): Promise<string> {
  const status = await client.processStatus(processId);
  const { bytes } = status.streams[stream];
  const piece = await client.processOutput(processId, stream, Math.max(0, bytes - maxBytes), maxBytes);
  return piece.bytes.toString('utf8');
}

async function readWhole(client: AgentClient, { processId, stream, maxBytes }: OutputRange): Promise<string> {
  const status = await client.processStatus(processId);
  const { bytes, omitted } = status.streams[stream];
  if (bytes > maxBytes || omitted > 0) {
    throw new OperationalError('AGENT_API_FAILED', {
      happened: `The process wrote ${bytes} bytes where at most ${maxBytes} are read`,
      remedy: 'Let it write less',
    });
  }
  const parts: Buffer[] = [];
  for (let offset = 0; offset < bytes;) {
    const piece = await client.processOutput(processId, stream, offset, bytes - offset);
    if (piece.bytes.length === 0) {
      throw new OperationalError('AGENT_API_FAILED', {
        happened: `The output of the process ended at byte ${offset} of ${bytes}`,
        remedy: 'Nothing to do: it is read again',
      });
    }
    parts.push(piece.bytes);
    offset = piece.offset + piece.bytes.length;
  }
  return Buffer.concat(parts).toString('utf8');
}
