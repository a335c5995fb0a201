import type { Insertable, Kysely, Selectable } from 'kysely';
import type {
  ContainerAttemptTable,
  OutputChunkTable,
  OutputStreamTable,
  SignalTable,
  UsageSampleTable,
} from './schema/container-tables.ts';
import type {
  ApiTokenTable,
  AuditTable,
  DefinitionRevisionTable,
  EcsClusterTable,
  GroupLimitTable,
  NodeTable,
  SettingTable,
} from './schema/operation-tables.ts';
import type { EffectTable, OutboxTable, StepTable, TaskLogTable, TaskTable } from './schema/task-tables.ts';

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
  definitionRevision: DefinitionRevisionTable;
  groupLimit: GroupLimitTable;
  setting: SettingTable;
  node: NodeTable;
  apiToken: ApiTokenTable;
  audit: AuditTable;
}

/** The first argument of every function of this folder: a pool, or a transaction. */
export type Db = Kysely<Schema>;

export type TaskRow = Selectable<TaskTable>;
export type AttemptRow = Selectable<ContainerAttemptTable>;
export type NewStep = Omit<Insertable<StepTable>, 'id' | 'taskId' | 'startedAt'>;
