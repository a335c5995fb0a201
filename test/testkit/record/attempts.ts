import { CLASS_ID, type Signal, type StreamName } from '../../../shared/protocol/signals.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { NewAttempt } from '../../../controlplane/store/attempts/intend-launch.ts';
import type { Witnessed } from '../../../controlplane/store/attempts/mark-attempt.ts';
import type { CollectedPiece, OutputEnds } from '../../../controlplane/store/output/collected-output.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import type { AttemptLimits } from '../../../controlplane/store/schema/container-tables.ts';
import type { ContainerAddress } from '../../../controlplane/containers/container.ts';
import type { EndCause } from '../../../controlplane/containers/causes/end-cause.ts';
import type { StepInput } from '../../../controlplane/store/tasks/begin-step.ts';
import type { MutableRow } from './stored-task.ts';

type StoredAttempt = MutableRow<AttemptRow>;

interface StoredSignal {
  readonly id: number;
  readonly attempt: AttemptRow;
  readonly seq: number;
  readonly webhookId: string;
  readonly body: Signal;
  readonly receivedAt: Date;
  isUsed: boolean;
  isConsumed: boolean;
}

const LIFE_CYCLE = [CLASS_ID.ready, CLASS_ID.output, CLASS_ID.exit] as const;

/** The container attempts of all tasks, and the signals that they sent. */
export class Attempts {
  readonly #rows: StoredAttempt[] = [];
  readonly #signals: StoredSignal[] = [];
  readonly #collected: CollectedPiece[] = [];

  insert(task: TaskId, attempt: NewAttempt, launchKey: string, now: Date): AttemptRow {
    const row: AttemptRow = {
      ...attempt,
      clusterReason: attempt.clusterReason ?? null,
      signalSecretHash: attempt.signalSecretHash ?? null,
      id: this.#rows.length + 1,
      taskId: task,
      launchKey,
      state: 'intended',
      arn: null,
      signingKeySealed: null,
      keyId: null,
      nonce: null,
      hostKey: null,
      agentVersion: null,
      address: null,
      createdAt: now,
      launchedAt: null,
      runningAt: null,
      enrolledAt: null,
      firstSignatureAt: null,
      agentSeenAt: null,
      readyAt: null,
      sshVerifiedAt: null,
      reusedAt: null,
      resolvedAt: null,
      cause: null,
      ecsWitness: null,
      sshWitness: null,
      limits: null,
      buildSteps: null,
      endCause: null,
      releasedAt: null,
    };
    this.#rows.push(row);
    return { ...row };
  }

  byId(id: number): StoredAttempt {
    const row = this.#rows[id - 1];
    if (!row) throw new Error(`there is no container attempt ${id}`);
    return row;
  }

  all(task: TaskId): readonly AttemptRow[] {
    return this.#rows.filter((row) => row.taskId === task);
  }

  find(task: TaskId, isMeant: (attempt: AttemptRow) => boolean): StoredAttempt | undefined {
    return this.#rows.find((row) => row.taskId === task && isMeant(row));
  }

  pinHostKey(id: number, line: string): string {
    const row = this.byId(id);
    row.hostKey ??= line;
    return row.hostKey;
  }

  outputEnds(id: number, processId: string): OutputEnds {
    const { callbackId } = this.byId(id);
    const endOf = (name: StreamName): number =>
      Math.max(
        0,
        ...this.#collected
          .filter((piece) => piece.callbackId === callbackId && piece.processId === processId && piece.stream === name)
          .map(({ offset, bytes }) => offset + bytes.length),
      );
    return { stdout: endOf('stdout'), stderr: endOf('stderr') };
  }

  appendCollected(piece: CollectedPiece): void {
    this.#collected.push(piece);
  }

  markLaunched(id: number, arn: string, now: Date): 'marked' | 'void' {
    const row = this.byId(id);
    row.arn = arn;
    row.launchedAt ??= now;
    if (row.state === 'intended') row.state = 'launched';
    return row.state === 'void' ? 'void' : 'marked';
  }

  markVoid(id: number, cause: string, now: Date): 'marked' | 'launched' {
    const row = this.byId(id);
    if (row.state === 'intended') Object.assign(row, { state: 'void', resolvedAt: now, cause });
    return row.state === 'void' ? 'marked' : 'launched';
  }

  markStopped(id: number, cause: string, now: Date): void {
    const row = this.byId(id);
    if (!isLive(row)) return;
    Object.assign(row, { state: 'stopped', resolvedAt: now, cause: row.cause ?? cause });
  }

  markExplained(id: number, end: EndCause): void {
    const row = this.byId(id);
    if (row.endCause === null) Object.assign(row, { endCause: end, cause: end.cause });
  }

  markReleased(id: number, now: Date): void {
    this.byId(id).releasedAt ??= now;
  }

  markVerified(id: number, address: ContainerAddress, now: Date, limits: AttemptLimits | null = null): void {
    const row = this.byId(id);
    row.limits = limits ?? row.limits;
    row.sshVerifiedAt ??= now;
    row.address = address;
  }

  markWitnessed(id: number, seen: Witnessed, now: Date): void {
    const row = this.byId(id);
    if (seen.ecs) row.ecsWitness = seen.ecs;
    if (seen.ssh) row.sshWitness = seen.ssh;
    if (seen.isRunning) row.runningAt ??= now;
    if (seen.address) row.address = seen.address;
  }

  /** Keeps a signal once per webhook id, none after the exit signal. */
  record(id: number, { webhookId, seq, body }: ReceivedBody, now: Date): 'recorded' | 'repeated' | 'ended' {
    const attempt = this.byId(id);
    attempt.agentSeenAt = now;
    attempt.firstSignatureAt ??= now;
    if (body.classId === CLASS_ID.ready) attempt.readyAt ??= now;
    const own = this.#signals.filter((signal) => signal.attempt === attempt);
    if (own.some((signal) => signal.webhookId === webhookId)) return 'repeated';
    if (own.some((signal) => signal.body.classId === CLASS_ID.exit)) return 'ended';
    const signal = { id: this.#signals.length + 1, attempt, seq, webhookId, body, receivedAt: now };
    this.#signals.push({ ...signal, isUsed: false, isConsumed: false });
    return 'recorded';
  }

  /** Moves the new signals of the attempt into the inbox of its task. */
  use(attempt: AttemptRow): void {
    for (const signal of this.#signals) if (signal.attempt === attempt) signal.isUsed = true;
  }

  consume(task: TaskId, ids: readonly number[]): void {
    for (const id of ids) {
      const signal = this.#signals[id - 1];
      if (signal?.attempt.taskId === task) signal.isConsumed = true;
    }
  }

  inbox(task: TaskId): StepInput['inbox'] {
    return this.#signals
      .filter((signal) => signal.attempt.taskId === task && signal.isUsed && !signal.isConsumed)
      .map(({ id, attempt, seq, body, receivedAt }) => ({
        id,
        attempt: attempt.number,
        seq,
        classId: body.classId,
        body,
        receivedAt,
      }))
      .sort((one, other) => one.attempt - other.attempt || one.seq - other.seq);
  }

  lifecycleSignals(attempt: AttemptRow): StepInput['lifecycleSignals'] {
    const own = this.#signals.filter((signal) => signal.attempt === attempt);
    const first = LIFE_CYCLE.flatMap((classId) => {
      const such = own.filter((signal) => signal.body.classId === classId);
      const [one] = such.sort((a, b) => a.seq - b.seq);
      return one ? [one] : [];
    });
    return first.sort((a, b) => a.seq - b.seq).map(({ body }) => ({ classId: body.classId, body }));
  }
}

export interface ReceivedBody {
  readonly webhookId: string;
  readonly seq: number;
  readonly body: Signal;
}

export function isLive({ state }: AttemptRow): boolean {
  return state === 'intended' || state === 'launched';
}
