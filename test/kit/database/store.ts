import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { intendLaunch } from '../../../controlplane/store/attempts/intend-launch.ts';
import type { AttemptRow, Schema } from '../../../controlplane/store/schema.ts';
import { appendUsageSamples, type NewUsageSample } from '../../../controlplane/store/output/append-usage-samples.ts';
import { recordSignal, type RecordOutcome } from '../../../controlplane/store/signals/record-signal.ts';
import { addTask, type AddedTask, type NewTask } from '../../../controlplane/store/tasks/add-task.ts';
import type { TaskLease } from '../../../controlplane/store/tasks/leases.ts';
import { claimTasks } from '../../../controlplane/store/tasks/claim-tasks.ts';
import type { Claim, ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import { AttemptUuid, CallbackId } from '../../../shared/model/ids.ts';
import { CLASS_ID, type Signal, type SignalKind } from '../../../shared/protocol/signals.ts';
import type { TestDatabase } from './database.ts';
import { newUsage } from '../usage.ts';

const KINDS = [{ kind: 'Basic', classVersion: '1' }];

/** Adds a task of a kind that `claim` below can run. Each task has its own work id unless one is given. */
export async function addBasic(db: Kysely<Schema>, task: Partial<NewTask> = {}): Promise<AddedTask> {
  const workId = randomUUID();
  return addTask(db, {
    kind: 'Basic',
    classVersion: '1',
    title: 'A task',
    group: 'Basic',
    priority: 'MEDIUM',
    workId,
    options: {},
    ...task,
  });
}

export async function claim(db: Kysely<Schema>, changes: Partial<Claim> = {}): Promise<readonly ClaimedTask[]> {
  const { tasks } = await claimTasks(db, { node: 'node-1', limit: 10, leaseSeconds: 30, kinds: KINDS, ...changes });
  return tasks;
}

/** Adds a task and claims it. */
export async function startedTask(db: Kysely<Schema>, task: Partial<NewTask> = {}): Promise<ClaimedTask> {
  const { id } = await addBasic(db, task);
  const claimed = (await claim(db)).find((one) => one.id === id);
  if (!claimed) throw new Error(`task ${id} was not claimable`);
  return claimed;
}

/** Intends a launch for a claimed task, like the engine before it calls ECS. */
export async function launchAttempt(db: Kysely<Schema>, lease: TaskLease, number = 1): Promise<AttemptRow> {
  const outcome = await intendLaunch(db, lease, {
    effect: { key: `launch-${lease.id}-${number}`, name: 'launch', scope: 'container', request: 'sealed' },
    attempt: newAttempt(number),
  });
  if (outcome.kind !== 'intended') throw new Error(`the launch was ${outcome.kind}`);
  return outcome.attempt;
}

export function newAttempt(number: number) {
  return {
    uuid: AttemptUuid.parse(randomUUID()),
    number,
    cluster: 'default',
    location: null,
    taskDefinition: null,
    callbackId: CallbackId.parse(randomBytes(65).toString('base64url').slice(0, 86)),
    secretHash: createHash('sha256').update('secret').digest('hex'),
    clientKeySealed: null,
    clientPublicKey: null,
  };
}

/** Records a signal of the attempt, like the route after it has verified the signature. */
export async function sendSignal(
  db: Kysely<Schema>,
  attempt: AttemptRow,
  seq: number,
  changes: { kind?: SignalKind; body?: Record<string, unknown> } = {},
): Promise<RecordOutcome> {
  const body = changes.body ?? { seq };
  return recordSignal(db, {
    callbackId: attempt.callbackId,
    webhookId: `key:${seq}`,
    seq,
    classId: CLASS_ID[changes.kind ?? 'ready'],
    // The store keeps every body that the route has parsed.
    body: body as Signal,
    bodySha256: createHash('sha256').update(JSON.stringify(body)).digest('hex'),
  });
}

/** Stores one heartbeat of the attempt, like the route with the heartbeats it has gathered. */
export async function appendUsageSample(
  db: Kysely<Schema>,
  { callbackId }: Pick<AttemptRow, 'callbackId'>,
  sample: Partial<NewUsageSample> & Pick<NewUsageSample, 'at'>,
): Promise<void> {
  const rest = { usage: newUsage(), progress: 0, secondsToTimeLimit: null, secondsToDiskLimit: null };
  await appendUsageSamples(db, [{ callbackId, sample: { ...rest, ...sample } }]);
}

/** Expires all leases, as if the nodes that hold tasks had not renewed for the length of a lease. */
export async function expireLeases({ db }: TestDatabase): Promise<void> {
  await sql`UPDATE task SET lease_until = now() - interval '1 second' WHERE status = 2`.execute(db);
}
