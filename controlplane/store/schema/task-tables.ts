import type { Generated } from 'kysely';
import type { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import type { TaskStatus } from '../../../shared/model/status.ts';
import type { WaitReason } from '../../containers/wait-reason.ts';
import type { TaskEndCause } from '../../containers/causes/end-cause.ts';
import type { Contexts } from '../../statetable/contexts.ts';
import type { Position } from '../../statetable/position.ts';
import type { JsonObject } from '../json.ts';
import type { Defaulted, DefaultedJson, Json } from './columns.ts';

/** The slot that a task uses: none before it is admitted, its own of its group, or that of its started parent. */
export type Slot = 'none' | 'own' | 'parent';
export type EffectState = 'intended' | 'answered' | 'refused' | 'unknown';

/** The engine's own notes on a task, beside the bags of its states. */
export interface EngineNotes {
  /** ISO 8601: when time was last added to a timer. */
  readonly timedUntil?: string;
  /** How often the present entry of a state was interrupted. */
  readonly interruptions?: number;
  /** A crash has cut a run of the present entry short, for the recording. */
  readonly tookOver?: boolean;
  /** With `tookOver`: no other node took the task over; it was handed back, or its own node goes on with it. */
  readonly wentOn?: boolean;
  /** The last status for which onStatusChange was called. */
  readonly hookStatus?: TaskStatus;
  /** Signals of the inbox for which onSignal was called, by id. */
  readonly hookSignals?: readonly number[];
  /** Why the last step could not be saved; removed by the next save. */
  readonly brokenBy?: string;
}

/** The bags of a task's states; empty before the first save. */
export type TaskContexts = Partial<Contexts> & { readonly engine?: EngineNotes };

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
  /** EXIT_STATUS of shared/model/status.ts; NOT_FINISHED also while no method has set a status. */
  exitStatus: Defaulted<number>;
  exitMessage: string | null;
  exitDetail: string | null;
  cause: string | null;
  /** Why the task ended. Valid only if it names the same cause as `cause`. */
  endCause: Json<TaskEndCause> | null;
  /** null before the start state was entered. */
  state: string | null;
  entry: Defaulted<number>;
  /** The state whose entry is committed and whose result is not yet; null between states. */
  entering: string | null;
  /** The step decider's position, counters included. */
  position: Json<Position> | null;
  contexts: DefaultedJson<TaskContexts>;
  /** The JSON that the methods of the task's class keep. */
  memory: DefaultedJson<JsonObject>;
  /** Seconds by timer name. */
  timers: DefaultedJson<Record<string, number>>;
  /** Secret fields are stored as sealed text. */
  options: Json<JsonObject>;
  createdBy: string | null;
  clientJobId: string | null;
  /** Keyed digests of the order that came with clientJobId; null when an earlier version took it. */
  jobDigest: Json<Record<string, string>> | null;
  createdAt: Generated<Date>;
  startedAt: Date | null;
  completedAt: Date | null;
  maxRunSeconds: number | null;
  wakeAt: Generated<Date>;
  /** When the present wait ends by itself; wakeAt is earlier when something cut it short. */
  waitUntil: Date | null;
  /** Whether a signal ends the present wait (rows with exec=false). */
  isCutBySignals: Defaulted<boolean>;
  waitsFor: string | null;
  /** Details of `waitsFor`, valid only with the same clause: a node of an earlier version writes `waitsFor` alone. */
  waitReason: Json<WaitReason> | null;
  paused: Defaulted<boolean>;
  terminateRequestedAt: Date | null;
  /** What the task is a build of; a newer one with the same key may end it. */
  supersedeKey: string | null;
  /** The task because of which this one was asked to end: a newer one in its place, or its parent, which has ended. */
  supersededBy: TaskId | null;
  /** The task was added during a maintenance, and waits until none is on. */
  startsAfterMaintenance: Defaulted<boolean>;
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

/** See migrations/0008-outbox.ts. */
export interface OutboxTable {
  effectKey: string;
  taskId: TaskId;
  isRepeatable: boolean;
  tries: Defaulted<number>;
  dueAt: Defaulted<Date>;
  tryingSince: Date | null;
  giveUpAt: Date;
  lastError: string | null;
  lane: string | null;
  nth: Defaulted<number>;
}
