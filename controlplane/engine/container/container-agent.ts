import { randomUUID } from 'node:crypto';
import { OPERATIONAL_ERRORS, OperationalError } from '../../../shared/model/error.ts';
import { ProcessStatus, type Health, type StartProcess } from '../../../shared/protocol/agent-api.ts';
import { isForAgentOnly } from '../../../shared/protocol/overrides.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import { checkEffect } from '../given-effect.ts';
import { isLegacyLaunch, LaunchRequest } from '../../containers/launch-ledger.ts';
import type { LaunchInstants } from '../../containers/launch-phases.ts';
import type { AgentClient } from '../../ssh/agent-client.ts';
import type { AttemptRow } from '../../store/schema.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { AgentAccess, EffectScope, SshOutcome } from '../../tasks/agent-access.ts';
import { LeaveTask } from '../engine-deps.ts';
import { requestContext } from '../../store/secrets/seal-contexts.ts';
import { collectOutput } from './collect-output.ts';
import { launchInstants } from './launch-instants.ts';
import { AgentConversation, type ConversationDeps, type CurrentAttempt } from './agent-conversation.ts';

export interface AgentTask {
  readonly lease: TaskLease;
  readonly effectKey: (scope: EffectScope, name: string) => string;
  readonly now: Date;
  /** Aborts when the node stops or has lost the task. */
  readonly abort: AbortSignal;
}

/** The agent of the task's current container. */
export class ContainerAgent implements AgentAccess {
  readonly #deps: ConversationDeps;
  readonly #current: CurrentAttempt;
  readonly #task: AgentTask;
  readonly #conversation: AgentConversation;
  readonly #beganMs: number;

  constructor(deps: ConversationDeps, current: CurrentAttempt, task: AgentTask) {
    this.#deps = deps;
    this.#current = current;
    this.#task = task;
    this.#beganMs = deps.clock.monotonicMs();
    this.#conversation = new AgentConversation(deps, current, task.now);
  }

  verify(): Promise<SshOutcome<Health>> {
    return this.#conversation.converse(async (client, attempt) => {
      const health = await client.health(newChallenge());
      const secure = await this.#secureOverrides(attempt);
      if (!health.environmentSet && Object.keys(secure).length > 0) await client.putEnvironment({ secure });
      const address = await this.#current.address();
      if (!attempt.sshVerifiedAt && address) {
        const { maxTimeSeconds, maxDiskBytes } = health.limits;
        const limits = { timeSeconds: maxTimeSeconds, diskBytes: maxDiskBytes };
        await this.#deps.store.markVerified(attempt.id, address, limits);
        this.#current.update({ sshVerifiedAt: this.#task.now });
        this.#deps.observer.containerVerified(this.#launchOf(attempt));
      }
      return health;
    });
  }

  /** The container is proven some time after the beginning of the step, so that time is added to the step's `now`. */
  #launchOf(attempt: AttemptRow): LaunchInstants {
    const verifiedMs = this.#task.now.getTime() + this.#deps.clock.monotonicMs() - this.#beganMs;
    return launchInstants(attempt, new Date(verifiedMs));
  }

  /** Returns the secure overrides of the launch. They are handed over only after the container has been proven to be the right one. */
  async #secureOverrides({ launchKey }: AttemptRow): Promise<Record<string, string>> {
    const effect = await this.#deps.store.findEffect(this.#task.lease.id, launchKey);
    if (!effect || launchKey === null) return {};
    const request = this.#deps.sealer.open(effect.request, requestContext(launchKey));
    const launch = LaunchRequest.parse(JSON.parse(request));
    // The environment of a shell entrypoint does not reach the commands: sshd starts each with a fresh environment.
    return isLegacyLaunch(launch) ? { ...plainOverrides(launch), ...launch.secureOverrides } : launch.secureOverrides;
  }

  health(): Promise<SshOutcome<Health>> {
    return this.#conversation.converse((client) => client.health(newChallenge()));
  }

  async startProcess(name: string, body: StartProcess, scope: EffectScope): Promise<SshOutcome<ProcessStatus>> {
    const { store, sealer, failpoint } = this.#deps;
    const { lease, abort } = this.#task;
    checkEffect({ kind: 'process', name, scope });
    const key = this.#task.effectKey(scope, name);
    const request = sealer.seal(JSON.stringify(body), requestContext(key));
    await failpoint('before-process-intent', name);
    const effect = await store.intendEffect(lease, { key, name, scope, request });
    if (!effect) throw new LeaveTask('lost');
    await failpoint('after-process-intent', name);
    if (effect.state === 'answered') return { kind: 'ok', value: ProcessStatus.parse(effect.answer) };
    if (effect.state === 'refused') return effect.answer as SshOutcome<ProcessStatus>;
    // The stored request is sent: the agent would refuse the same key with another body.
    const stored = JSON.parse(sealer.open(effect.request, requestContext(key))) as StartProcess;
    abort.throwIfAborted();
    const outcome = await this.#conversation.converse(async (client, attempt) => {
      const status = await client.startProcess(key, stored);
      await collectOutput(store, client, attempt, status);
      return status;
    });
    await failpoint('after-process-started', name);
    if (outcome.kind === 'ok') {
      await store.settleEffect({ taskId: lease.id, key, state: 'answered', answer: outcome.value });
    } else if (outcome.kind === 'agent-refused' && !OPERATIONAL_ERRORS[outcome.code].retryable) {
      // Any other outcome leaves it open whether the process runs. When the state is entered again, the same call finds the
      // process.
      await store.settleEffect({ taskId: lease.id, key, state: 'refused', answer: outcome });
    }
    return outcome;
  }

  processStatus(processId: string): Promise<SshOutcome<ProcessStatus>> {
    return this.#conversation.converse(async (client, attempt) => {
      const status = await client.processStatus(processId);
      await collectOutput(this.#deps.store, client, attempt, status);
      return status;
    });
  }

  outputTail(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>> {
    return this.#conversation.converse((client) => readTail(client, { processId, stream, maxBytes }));
  }

  output(processId: string, stream: StreamName, maxBytes: number): Promise<SshOutcome<string>> {
    return this.#conversation.converse((client) => readWhole(client, { processId, stream, maxBytes }));
  }

  writeFile({ path, content, mode, user }: Parameters<AgentAccess['writeFile']>[0]): Promise<SshOutcome<void>> {
    const file = { path, content, mode: Number.parseInt(mode, 8), ...(user ? { user } : {}) };
    return this.#conversation.converse((client) => client.writeFile(file));
  }

  readFile(path: string): Promise<SshOutcome<string>> {
    return this.#conversation.converse(async (client) => (await client.readFile({ path })).toString('utf8'));
  }

  async shutdown(): Promise<SshOutcome<void>> {
    const { row } = this.#current;
    if (row && !row.releasedAt) {
      await this.#deps.store.markReleased(row.id);
      this.#current.update({ releasedAt: this.#task.now });
    }
    return this.#conversation.converse((client) => client.shutdown());
  }
}

/** Returns the variables that the task gave its container without an agent, except those for the entrypoint only. */
function plainOverrides({ runTask }: LaunchRequest): Record<string, string> {
  const all = runTask.overrides.containerOverrides.flatMap(({ environment }) => environment);
  return Object.fromEntries(all.filter(({ name }) => !isForAgentOnly(name)).map(({ name, value }) => [name, value]));
}

function newChallenge(): string {
  return randomUUID();
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
