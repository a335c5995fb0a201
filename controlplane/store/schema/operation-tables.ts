import type { ColumnType, Generated } from 'kysely';
import type { JsonObject } from '../json.ts';
import type { Defaulted, DefaultedJson, Json } from './columns.ts';

/** soft: start nothing new. hard: touch nothing, started tasks included. */
export type PauseType = 'soft' | 'hard';
export type TokenRole = 'viewer' | 'submitter' | 'operator' | 'admin';

export interface EcsClusterTable {
  name: string;
  region: string;
  cluster: string;
  accessKeyId: string | null;
  secretSealed: string | null;
  sessionTokenSealed: string | null;
  externalId: string | null;
  /** `ConnectionSettings` of ecs/client/aws-connection.ts. */
  connection: DefaultedJson<JsonObject>;
  /** Clusters that are tried in this order when this one has no room. */
  fallback: Defaulted<string[]>;
  roleArn: string | null;
  endpoint: string | null;
  launch: Json<JsonObject>;
  isActive: Defaulted<boolean>;
  updatedAt: Generated<Date>;
}

/** Revisions that this version registered. Nodes of the version before keep theirs in `task_definition`. */
export interface DefinitionRevisionTable {
  id: Generated<number>;
  family: string;
  region: string;
  /** Name or ARN of the ECS cluster it was made for. */
  cluster: string;
  /** Empty: Amazon's. */
  endpoint: string;
  /** An account where an ARN names it, else an access key; empty: the credentials of the node. */
  caller: string;
  contentHash: string;
  revision: number;
  arn: string;
  definition: Json<JsonObject>;
  registeredAt: Generated<Date>;
  /** When a launch was pinned to it last, within an hour. */
  usedAt: Generated<Date>;
  /** No launch is pinned to it after this time. */
  retiredAt: Date | null;
  deregisteredAt: Date | null;
}

export interface GroupLimitTable {
  name: string;
  maxRunning: Defaulted<number>;
  running: Defaulted<number>;
  pause: PauseType | null;
  retentionDays: Defaulted<number>;
  /** Clusters of its tasks in the order in which they are tried; none: the active one. */
  clusters: Defaulted<string[]>;
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
  /** `ReconcileReport` of engine/sweep/reconcile.ts; null before it is made. */
  startReport: ColumnType<JsonObject | null, string | undefined, string>;
  /** Milliseconds by which its clock is ahead of the database's; null for a node of the version before. */
  clockOffsetMs: number | null;
}

export interface ApiTokenTable {
  id: Generated<number>;
  name: string;
  role: TokenRole;
  /** SHA-256 (hex) of the token. */
  tokenHash: string;
  createdAt: Generated<Date>;
  revokedAt: Date | null;
  /** Groups whose tasks a submitter sees beside its own. */
  groups: Defaulted<string[]>;
}

export interface AuditTable {
  id: Generated<number>;
  at: Generated<Date>;
  actor: string;
  action: string;
  subject: string;
  detail: Json<JsonObject> | null;
}
