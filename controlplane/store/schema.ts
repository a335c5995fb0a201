import type { ColumnType, Generated, Insertable, Kysely, Selectable } from 'kysely';
import type { AttemptUuid, CallbackId, TaskId, TaskUuid } from '../../shared/model/ids.ts';
import type { OutboxTable } from './outbox/outbox-table.ts';

// Names are camelCase here and snake_case in the database: Kysely's CamelCasePlugin translates. What a column is
// for stands beside its DDL in migrations/; here is only its type. Every instant is the database's own time.

/** Written as JSON text (see json.ts), read as a value. */
type Json<T> = ColumnType<T, string, string>;
/** The database fills it in unless told otherwise; never null when read. */
type Defaulted<T> = ColumnType<T, T | undefined, T>;
type DefaultedJson<T> = ColumnType<T, string | undefined, string>;

/** A JSON object whose content belongs to whoever saved it. */
export type JsonObject = Record<string, unknown>;

/** Whose slot a task uses: none before it is admitted, its own of its group, or that of its started parent. */
export type Slot = 'none' | 'own' | 'parent';
/** soft: start nothing new. hard: touch nothing, started tasks included. */
export type PauseType = 'soft' | 'hard';
/** intended: the request is committed, its answer is not known. void: given up, never launched. */
export type AttemptState = 'intended' | 'launched' | 'void' | 'stopped';
export type EffectState = 'intended' | 'answered' | 'refused' | 'unknown';
export type TokenRole = 'viewer' | 'submitter' | 'operator' | 'admin';

export interface TaskTable {
  id: Generated<TaskId>;
  uuid: Generated<TaskUuid>;
  workId: string;
  parentId: TaskId | null;
  kind: string;
  classVersion: string;
  title: string;
  groupName: string;
  /** PRIORITY of shared/model/status.ts. */
  priority: number;
  isPrioritized: Defaulted<boolean>;
  /** TASK_STATUS of shared/model/status.ts. */
  status: Defaulted<number>;
  slot: Defaulted<Slot>;
  /** EXIT_STATUS of shared/model/status.ts; NOT_FINISHED also while the methods have set nothing. */
  exitStatus: Defaulted<number>;
  exitMessage: string | null;
  exitDetail: string | null;
  cause: string | null;
  /** null before the start state was entered. */
  state: string | null;
  entry: Defaulted<number>;
  /** The state whose entering was committed and whose result was not; null between states. */
  entering: string | null;
  /** The step decider's position, counters included. */
  position: Json<JsonObject> | null;
  contexts: DefaultedJson<JsonObject>;
  memory: DefaultedJson<JsonObject>;
  /** Seconds by timer name. */
  timers: DefaultedJson<Record<string, number>>;
  /** Secret fields are sealed text before they come here. */
  options: Json<JsonObject>;
  createdBy: string | null;
  clientJobId: string | null;
  /** Of the order that came with clientJobId; null when it came to an earlier version. */
  jobDigest: Json<Record<string, string>> | null;
  createdAt: Generated<Date>;
  startedAt: Date | null;
  completedAt: Date | null;
  maxRunSeconds: number | null;
  wakeAt: Generated<Date>;
  /** Where the present wait ends by itself; wakeAt is earlier when something cut it short. */
  waitUntil: Date | null;
  /** Whether a signal ends the present wait (rows with exec=false). */
  isCutBySignals: Defaulted<boolean>;
  waitsFor: string | null;
  paused: Defaulted<boolean>;
  terminateRequestedAt: Date | null;
  token: Defaulted<number>;
  owner: string | null;
  leaseUntil: Date | null;
  wakeSeq: Defaulted<number>;
  seenSeq: Defaulted<number>;
  /** The last wakeSeq that ends every wait: terminate, resume, restart. */
  urgentSeq: Defaulted<number>;
  takeovers: Defaulted<number>;
  /** How many attempts there ever were; never goes back. */
  attempts: Defaulted<number>;
  /** The attempt whose signals touch the task; null before the first and after a restart. */
  currentAttempt: number | null;
}
export type TaskRow = Selectable<TaskTable>;

export interface ContainerAttemptTable {
  id: Generated<number>;
  uuid: AttemptUuid;
  taskId: TaskId;
  number: number;
  /** Name of the row in `ecs_cluster` that it was launched with. */
  cluster: string;
  /** Which ECS cluster that row meant at the intent (ecs/cluster-location.ts); null: an earlier version noted none. */
  location: Json<JsonObject> | null;
  /** ARN of the pinned revision. */
  taskDefinition: string | null;
  state: Defaulted<AttemptState>;
  /** ARN of the ECS task, once ECS has said it. */
  arn: string | null;
  /** Key of the effect that launches it. */
  launchKey: string;
  callbackId: CallbackId;
  /** SHA-256 (hex) of the enrolment secret. */
  secretHash: string;
  /** OpenSSH private key of the control plane for this container, sealed. */
  clientKeySealed: string | null;
  clientPublicKey: string | null;
  signingKeySealed: string | null;
  keyId: string | null;
  nonce: string | null;
  /** The agent's SSH host key, pinned by the enrolment. */
  hostKey: string | null;
  agentVersion: string | null;
  address: Json<JsonObject> | null;
  createdAt: Generated<Date>;
  launchedAt: Date | null;
  /** When ECS first said RUNNING. */
  runningAt: Date | null;
  enrolledAt: Date | null;
  firstSignatureAt: Date | null;
  /** The last signed word of the agent: a signal or a report. */
  agentSeenAt: Date | null;
  readyAt: Date | null;
  sshVerifiedAt: Date | null;
  reusedAt: Date | null;
  resolvedAt: Date | null;
  cause: string | null;
  /** The last word of each witness, as the deciders of controlplane/containers/ take it. */
  ecsWitness: Json<JsonObject> | null;
  sshWitness: Json<JsonObject> | null;
}
export type AttemptRow = Selectable<ContainerAttemptTable>;

export interface SignalTable {
  id: Generated<number>;
  attemptId: number;
  taskId: TaskId;
  seq: number;
  webhookId: string;
  classId: string;
  body: Json<JsonObject>;
  bodySha256: string;
  receivedAt: Generated<Date>;
  /** When a step moved it into the task's inbox. */
  usedAt: Date | null;
  /** When a method took it out of the inbox. */
  consumedAt: Date | null;
}

export interface EffectTable {
  key: string;
  taskId: TaskId;
  name: string;
  scope: string;
  state: Defaulted<EffectState>;
  /** The final request, sealed by the caller where it holds anything secret: what is stored is what is sent. */
  request: string;
  answer: Json<unknown> | null;
  createdAt: Generated<Date>;
  settledAt: Date | null;
}

export interface StepTable {
  id: Generated<number>;
  taskId: TaskId;
  entry: number;
  fromState: string | null;
  value: string | null;
  state: string;
  executed: boolean;
  timer: string | null;
  startedAt: Date;
  tookMs: number;
  waitSeconds: number;
  note: string | null;
}

export interface TaskLogTable {
  id: Generated<number>;
  taskId: TaskId;
  at: Generated<Date>;
  /** FATAL 1 … TRACE 7. */
  level: number;
  message: string;
  isUserReadable: boolean;
}

export interface OutputStreamTable {
  /** The order in which streams began. */
  id: Generated<number>;
  attemptId: number;
  taskId: TaskId;
  processId: string;
  stream: 'stdout' | 'stderr';
  /** Bytes of the chunks that are stored. */
  storedBytes: Defaulted<number>;
  /** Bytes that came and were deleted from the middle. */
  trimmedBytes: Defaulted<number>;
  /** The furthest byte that ever came. */
  endOffset: Defaulted<number>;
}

export interface OutputChunkTable {
  id: Generated<number>;
  attemptId: number;
  taskId: TaskId;
  processId: string;
  stream: 'stdout' | 'stderr';
  byteOffset: number;
  bytes: Buffer;
  receivedAt: Generated<Date>;
}

export interface UsageSampleTable {
  attemptId: number;
  at: Date;
  receivedAt: Generated<Date>;
  usage: Json<JsonObject>;
  progress: number;
  secondsToTimeLimit: number | null;
  secondsToDiskLimit: number | null;
}

export interface EcsClusterTable {
  name: string;
  region: string;
  cluster: string;
  accessKeyId: string | null;
  secretSealed: string | null;
  roleArn: string | null;
  endpoint: string | null;
  launch: Json<JsonObject>;
  isActive: Defaulted<boolean>;
  updatedAt: Generated<Date>;
}

export interface TaskDefinitionTable {
  id: Generated<number>;
  family: string;
  region: string;
  cluster: string;
  contentHash: string;
  revision: number;
  arn: string;
  definition: Json<JsonObject>;
  registeredAt: Generated<Date>;
}

export interface GroupLimitTable {
  name: string;
  maxRunning: Defaulted<number>;
  running: Defaulted<number>;
  pause: PauseType | null;
  retentionDays: Defaulted<number>;
}

export interface SettingTable {
  name: string;
  value: Json<unknown>;
  updatedAt: Generated<Date>;
}

export interface NodeTable {
  name: string;
  version: string;
  startedAt: Generated<Date>;
  seenAt: Generated<Date>;
  /** Ids of its master keys; null for a node of the version before. */
  masterKeys: string[] | null;
  sealingKey: string | null;
  sealingSince: Date | null;
}

export interface ApiTokenTable {
  id: Generated<number>;
  name: string;
  role: TokenRole;
  /** SHA-256 (hex) of the token. */
  tokenHash: string;
  createdAt: Generated<Date>;
  revokedAt: Date | null;
}

export interface AuditTable {
  id: Generated<number>;
  at: Generated<Date>;
  actor: string;
  action: string;
  subject: string;
  detail: Json<JsonObject> | null;
}

export interface Schema {
  task: TaskTable;
  containerAttempt: ContainerAttemptTable;
  signal: SignalTable;
  effect: EffectTable;
  outbox: OutboxTable;
  step: StepTable;
  taskLog: TaskLogTable;
  outputStream: OutputStreamTable;
  outputChunk: OutputChunkTable;
  usageSample: UsageSampleTable;
  ecsCluster: EcsClusterTable;
  taskDefinition: TaskDefinitionTable;
  groupLimit: GroupLimitTable;
  setting: SettingTable;
  node: NodeTable;
  apiToken: ApiTokenTable;
  audit: AuditTable;
}

export type NewStep = Omit<Insertable<StepTable>, 'id' | 'taskId' | 'startedAt'>;

/** What every function of this room takes first: a pool, or a transaction. */
export type Db = Kysely<Schema>;
