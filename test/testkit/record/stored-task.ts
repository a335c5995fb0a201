import { EXIT_STATUS, PRIORITY, TASK_STATUS } from '../../../shared/model/status.ts';
import { TaskId, type TaskUuid } from '../../../shared/model/ids.ts';
import type { NewTask } from '../../../controlplane/store/tasks/add-task.ts';
import type { TaskRow } from '../../../controlplane/store/schema.ts';
import { cleanText } from '../../../controlplane/store/json-text.ts';
import { jsonCopy } from './json-copy.ts';

type JsonColumn = 'contexts' | 'memory' | 'options';
export type MutableRow<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * A task as the record by value keeps it. What methods change is kept as a copy by way of JSON, as it is JSON in a
 * database: a Date or a Map that a method keeps meets the same loss.
 */
export interface StoredTask {
  readonly row: MutableRow<Omit<TaskRow, JsonColumn>>;
  readonly json: { -readonly [Name in JsonColumn]: TaskRow[Name] };
}

export function storedTask(id: number, task: NewTask & { uuid: string }, now: Date): StoredTask {
  const row: Omit<TaskRow, JsonColumn> = {
    id: TaskId.parse(id),
    uuid: task.uuid as TaskUuid,
    workId: task.workId,
    parentId: task.parentId ?? null,
    kind: task.kind,
    classVersion: task.classVersion,
    title: cleanText(task.title),
    groupName: task.group,
    priority: PRIORITY[task.priority],
    isPrioritized: false,
    status: TASK_STATUS.NOT_STARTED,
    slot: 'none',
    exitStatus: EXIT_STATUS.NOT_FINISHED,
    exitMessage: null,
    exitDetail: null,
    cause: null,
    endCause: null,
    state: null,
    entry: 0,
    entering: null,
    position: null,
    timers: {},
    createdBy: task.createdBy ?? null,
    clientJobId: task.clientJobId ?? null,
    jobDigest: task.jobDigest ?? null,
    createdAt: now,
    startedAt: null,
    completedAt: null,
    maxRunSeconds: task.maxRunSeconds ?? null,
    wakeAt: now,
    waitUntil: null,
    isCutBySignals: false,
    waitsFor: null,
    waitReason: null,
    paused: false,
    terminateRequestedAt: null,
    token: 0,
    owner: null,
    leaseUntil: null,
    wakeSeq: 0,
    seenSeq: 0,
    urgentSeq: 0,
    takeovers: 0,
    attempts: 0,
    currentAttempt: null,
    supersedeKey: null,
    supersededBy: null,
    startsAfterMaintenance: false,
  };
  const json = { contexts: {}, memory: {}, options: jsonCopy(task.options) as TaskRow['options'] };
  return { row: { ...row }, json };
}

/**
 * Returns the task as a claim returns it. `lend` hands out contexts and memory as they are kept: methods write into
 * them, so it is only for a node that saves each step that it begins.
 */
export function taskRow({ row, json }: StoredTask, how: 'copy' | 'lend'): TaskRow {
  const { contexts, memory } = how === 'lend' ? json : (jsonCopy(json) as StoredTask['json']);
  return { ...row, contexts, memory, options: jsonCopy(json.options) as TaskRow['options'] };
}

/** Returns the state that the task is entering, or else is in. */
export function stateOf({ row }: StoredTask): string {
  return row.entering ?? row.state ?? '';
}
