import type { TaskId } from '../../../shared/model/ids.ts';
import { CLASS_ID, type Signal, type SignalKind } from '../../../shared/protocol/signals.ts';
import { pauseTask, requestTerminate, resumeTask } from '../../../controlplane/store/control/control-task.ts';
import { createStepStore } from '../../../controlplane/store/create-step-store.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import type { StepStore } from '../../../controlplane/store/step-store.ts';
import type { NewTask } from '../../../controlplane/store/tasks/add-task.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import type { TestDatabase } from '../../kit/database/database.ts';
import { addBasic, claim, expireLeases, sendSignal } from '../../kit/database/store.ts';
import { MemoryRecord } from '../../testkit/record/memory-record.ts';
import { memoryStepStore } from '../../testkit/record/memory-step-store.ts';

/** A record and what happens around it: claims, agents, people, time. */
export interface TestRecord {
  readonly store: StepStore;
  add(task?: Partial<NewTask>): Promise<TaskId>;
  /** Claims the task if it is due. */
  claim(id: TaskId): Promise<ClaimedTask | null>;
  receive(attempt: AttemptRow, seq: number, signal: { kind: SignalKind; body?: object }): Promise<string>;
  terminate(id: TaskId): Promise<void>;
  pause(id: TaskId): Promise<void>;
  resume(id: TaskId): Promise<void>;
  /** Returns the messages of the task's log. */
  logs(id: TaskId): Promise<readonly string[]>;
  /** Ends the leases of all nodes. */
  expireLeases(): Promise<void>;
}

export function databaseRecord(database: TestDatabase): TestRecord {
  const { db } = database;
  return {
    store: createStepStore(db),
    add: async (task) => (await addBasic(db, task)).id,
    claim: async (id) => (await claim(db)).find((one) => one.id === id) ?? null,
    receive: async (attempt, seq, { kind, body = {} }) =>
      (await sendSignal(db, attempt, seq, { kind, body: { classId: CLASS_ID[kind], ...body } })).kind,
    terminate: async (id) => void (await requestTerminate(db, id)),
    pause: async (id) => void (await pauseTask(db, id)),
    resume: async (id) => void (await resumeTask(db, id)),
    logs: async (id) => {
      const rows = await db.selectFrom('taskLog').select('message').where('taskId', '=', id).orderBy('id').execute();
      return rows.map(({ message }) => message);
    },
    expireLeases: () => expireLeases(database),
  };
}

const LEASE_SECONDS = 30;

export function memoryRecord(): TestRecord {
  let now = new Date('2026-01-01T00:00:00Z');
  let uuids = 0;
  const record = new MemoryRecord({ now: () => now });
  return {
    store: memoryStepStore(record, () => now),
    add: (task) => {
      uuids += 1;
      const uuid = `00000000-0000-4000-8000-${String(uuids).padStart(12, '0')}`;
      const basic = { kind: 'Basic', classVersion: '1', title: 'A task', group: 'Basic', priority: 'MEDIUM' } as const;
      return Promise.resolve(record.addTask({ ...basic, workId: uuid, options: {}, uuid, ...task }));
    },
    claim: (id) => Promise.resolve(record.claim(id, 'node-1', LEASE_SECONDS)),
    receive: (attempt, seq, { kind, body = {} }) => {
      const signal = { classId: CLASS_ID[kind], ...body } as Signal;
      return Promise.resolve(record.receive(attempt.id, { webhookId: `key:${seq}`, seq, body: signal }));
    },
    terminate: (id) => Promise.resolve(record.requestTermination(id)),
    pause: (id) => Promise.resolve(record.setPaused(id, true)),
    resume: (id) => Promise.resolve(record.setPaused(id, false)),
    logs: (id) => Promise.resolve(record.logs(id).map(({ message }) => message)),
    expireLeases: () => {
      now = new Date(now.getTime() + (LEASE_SECONDS + 1) * 1000);
      return Promise.resolve();
    },
  };
}
