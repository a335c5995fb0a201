import type { Generated } from 'kysely';
import type { AttemptUuid, CallbackId, TaskId } from '../../../shared/model/ids.ts';
import type { ReceivedStepHeader } from '../../../shared/protocol/step-header.ts';
import type { Signal, StreamName, Usage } from '../../../shared/protocol/signals.ts';
import type { ContainerAddress, EcsSnapshot } from '../../containers/container.ts';
import type { EndCause } from '../../containers/causes/end-cause.ts';
import type { SshFailure } from '../../containers/liveness.ts';
import type { Defaulted, Json } from './columns.ts';

/** intended: the request is committed, its answer is not known. void: given up, never launched. */
export type AttemptState = 'intended' | 'launched' | 'void' | 'stopped';

/** The ECS cluster into which an attempt is launched: the values of the row in `ecs_cluster` at that time. */
export interface LaunchLocation {
  readonly region: string;
  /** Name or ARN. */
  readonly cluster: string;
  readonly endpoint: string | null;
  readonly accessKeyId: string | null;
  /** Absent or null: without a role. */
  readonly roleArn?: string | null;
}

/** The witness ECS: its last description of an attempt, and when ECS last described this very container. */
export interface EcsWitness {
  /** The last snapshot. Stored rows and nodes of the version before have it under this name. */
  readonly look: EcsSnapshot;
  /** ISO 8601; null when it has never been described. */
  readonly seenAt: string | null;
  /** ISO 8601: when we first saw it stopped, or when ECS says it stopped, whichever is later. */
  readonly stoppedAt: string | null;
  /** ISO 8601: when we first saw its exit code, which ECS shows before the status STOPPED; absent before. */
  readonly exitedAt?: string;
  /** Why ECS has not accepted the last request to stop the container; absent when no stop was sent, or ECS accepted it. */
  readonly stopFailure?: StopFailure;
}

/** Instants are ISO 8601. */
export interface StopFailure {
  /** When a stop first failed. */
  readonly since: string;
  readonly at: string;
  readonly sentence: string;
}

/** The witness SSH: how the last conversation with its agent went. */
export interface SshWitness {
  /** ISO 8601; null when SSH has never worked. */
  readonly provenAt: string | null;
  readonly failure: SshFailure | null;
}

/** The limits that the agent enforces; null: the agent has no such limit. */
export interface AttemptLimits {
  readonly timeSeconds: number | null;
  readonly diskBytes: number | null;
}

export interface ContainerAttemptTable {
  id: Generated<number>;
  uuid: AttemptUuid;
  taskId: TaskId;
  number: number;
  /** Name of the row in `ecs_cluster` that it was launched with. */
  cluster: string;
  /** The ECS cluster that the row named at the intent; null: the attempt is of an earlier version. */
  location: Json<LaunchLocation> | null;
  /** Why the attempt went to this cluster, as a sentence; null: the attempt is of an earlier version. */
  clusterReason: string | null;
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
  /** SHA-256 (hex) of its secret of HTTP Basic; null: the container has an agent, which signs. */
  signalSecretHash: string | null;
  /** OpenSSH private key of the control plane for this container, sealed. */
  clientKeySealed: string | null;
  clientPublicKey: string | null;
  signingKeySealed: string | null;
  keyId: string | null;
  nonce: string | null;
  /** The agent's SSH host key, pinned by the enrolment. */
  hostKey: string | null;
  agentVersion: string | null;
  address: Json<ContainerAddress> | null;
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
  /** Why the container ended, once that is decided. */
  endCause: Json<EndCause> | null;
  /** When its task first asked the agent to shut down. */
  releasedAt: Date | null;
  ecsWitness: Json<EcsWitness> | null;
  sshWitness: Json<SshWitness> | null;
  /** As reported by the agent over SSH; null before. */
  limits: Json<AttemptLimits> | null;
  /** Oldest first; null before the first. */
  buildSteps: Json<ReceivedStepHeader[]> | null;
}

export interface SignalTable {
  id: Generated<number>;
  attemptId: number;
  taskId: TaskId;
  seq: number;
  webhookId: string;
  classId: string;
  body: Json<Signal>;
  bodySha256: string;
  receivedAt: Generated<Date>;
  /** When a step moved it into the task's inbox. */
  usedAt: Date | null;
  /** When a method took it out of the inbox. */
  consumedAt: Date | null;
}

export interface OutputStreamTable {
  /** The order in which streams began. */
  id: Generated<number>;
  attemptId: number;
  taskId: TaskId;
  processId: string;
  stream: StreamName;
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
  stream: StreamName;
  byteOffset: number;
  bytes: Buffer;
  receivedAt: Generated<Date>;
}

export interface UsageSampleTable {
  attemptId: number;
  at: Date;
  receivedAt: Generated<Date>;
  usage: Json<Usage>;
  progress: number;
  secondsToTimeLimit: number | null;
  secondsToDiskLimit: number | null;
}
