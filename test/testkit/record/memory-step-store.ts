import type { StepStore } from '../../../controlplane/store/step-store.ts';
import type { MemoryRecord } from './memory-record.ts';
import { stateOf } from './stored-task.ts';

/**
 * The record by value as the steps of tasks use it.
 * @param now - The time of the record, which the marks of container attempts get.
 */
export function memoryStepStore(record: MemoryRecord, now: () => Date): StepStore {
  const { attempts, children, effects, launches, tasks } = record;
  return {
    beginStep: async (lease) => tasks.begin(lease),
    saveStep: async (lease, step) => record.save(lease, step),
    releaseTask: async (lease, afterSeconds) => record.release(lease, afterSeconds),
    countTakeovers: async ({ id, token }) => {
      const row = tasks.find(id)?.row;
      return row?.token === token ? row.takeovers : null;
    },
    logLateError: async (task, message) => record.warn(task, message),

    addChild: async (lease, child) => children.add(lease, child),
    listChildren: async (parent) => children.list(parent),
    endOrphans: async (parent) => record.endOrphans(parent),
    findEndingTask: async (id) => {
      // Nobody adds another task of the same work here, so a parent that ends is all that can supersede one.
      const { supersededBy } = record.task(id).row;
      if (supersededBy === null) return null;
      return { id: supersededBy, title: record.task(supersededBy).row.title, isParent: true };
    },

    intendEffect: async (lease, effect) => {
      const task = tasks.leased(lease);
      return task && effects.intend(lease.id, { state: stateOf(task), kind: 'process' }, effect);
    },
    findEffect: async (task, key) => effects.find(task, key),
    settleEffect: async ({ taskId, key, state, answer }) => {
      const outcome = effects.settle(taskId, key, state, answer);
      // An answer is progress: nodes that were lost before it say nothing against the task.
      if (outcome === 'settled' && state !== 'unknown') record.task(taskId).row.takeovers = 0;
      return outcome;
    },
    intendRequest: async (lease, request) => {
      const task = tasks.leased(lease);
      return task && record.intendRequest(task, request);
    },
    findRequest: async (task, key) => effects.findRequest(task, key),

    recallLaunch: async (lease, key) => launches.recall(lease, key),
    intendLaunch: async (lease, launch) => launches.intend(lease, launch),
    markLaunched: async (attempt, arn) => attempts.markLaunched(attempt, arn, now()),
    markVoid: async (attempt, cause) => attempts.markVoid(attempt, cause, now()),
    markStopped: async (attempt, cause) => attempts.markStopped(attempt, cause, now()),
    markExplained: async (attempt, end) => attempts.markExplained(attempt, end),
    markReleased: async (attempt) => attempts.markReleased(attempt, now()),
    // Heartbeats are not kept by value.
    readMemoryPeak: async () => null,
    markVerified: async (attempt, address, limits) => attempts.markVerified(attempt, address, now(), limits),
    markWitnessed: async (attempt, seen) => attempts.markWitnessed(attempt, seen, now()),
    pinHostKey: async (attempt, line) => attempts.pinHostKey(attempt, line),
    readOutputEnds: async (attempt, processId) => attempts.outputEnds(attempt, processId),
    appendCollected: async (piece) => attempts.appendCollected(piece),

    isTrouble: () => false,
  };
}
