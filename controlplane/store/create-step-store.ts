import { findEffect, intendEffect, settleEffect } from './effects/effects.ts';
import { intendLaunch, recallLaunch } from './attempts/intend-launch.ts';
import {
  markExplained,
  markLaunched,
  markReleased,
  markStopped,
  markVerified,
  markVoid,
  markWitnessed,
  pinHostKey,
} from './attempts/mark-attempt.ts';
import { isDatabaseTrouble } from './database-trouble.ts';
import { findRequest, intendRequest } from './outbox/requests.ts';
import { appendCollected, readOutputEnds } from './output/collected-output.ts';
import { readMemoryPeak } from './output/read-usage.ts';
import type { Db } from './schema.ts';
import type { StepStore } from './step-store.ts';
import { beginStep } from './tasks/begin-step.ts';
import { addChild, endOrphans, listChildren } from './tasks/children.ts';
import { countTakeovers, releaseTask } from './tasks/leases.ts';
import { logLateError } from './tasks/log-late-error.ts';
import { saveStep } from './tasks/save-step.ts';
import { findEndingTask } from './tasks/supersede.ts';

/** Returns the record in PostgreSQL, as the steps of tasks use it. */
export function createStepStore(db: Db): StepStore {
  return {
    beginStep: (lease) => beginStep(db, lease),
    saveStep: (lease, step) => saveStep(db, lease, step),
    releaseTask: (lease, afterSeconds) => releaseTask(db, lease, afterSeconds),
    countTakeovers: (lease) => countTakeovers(db, lease),
    logLateError: (task, message) => logLateError(db, task, message),
    addChild: (lease, child) => addChild(db, lease, child),
    listChildren: (parent) => listChildren(db, parent),
    endOrphans: (parent) => endOrphans(db, parent),
    findEndingTask: (task) => findEndingTask(db, task),
    intendEffect: (lease, effect) => intendEffect(db, lease, effect),
    findEffect: (task, key) => findEffect(db, task, key),
    settleEffect: (settled) => settleEffect(db, settled),
    intendRequest: (lease, request) => intendRequest(db, lease, request),
    findRequest: (task, key) => findRequest(db, task, key),
    recallLaunch: (lease, key) => recallLaunch(db, lease, key),
    intendLaunch: (lease, launch) => intendLaunch(db, lease, launch),
    markLaunched: (attempt, arn) => markLaunched(db, attempt, arn),
    markVoid: (attempt, cause) => markVoid(db, attempt, cause),
    markStopped: (attempt, cause) => markStopped(db, attempt, cause),
    markExplained: (attempt, end) => markExplained(db, attempt, end),
    markReleased: (attempt) => markReleased(db, attempt),
    readMemoryPeak: (attempt) => readMemoryPeak(db, attempt),
    markVerified: (attempt, address, limits) => markVerified(db, attempt, address, limits),
    markWitnessed: (attempt, seen) => markWitnessed(db, attempt, seen),
    pinHostKey: (attempt, line) => pinHostKey(db, attempt, line),
    readOutputEnds: (attempt, processId) => readOutputEnds(db, attempt, processId),
    appendCollected: (piece) => appendCollected(db, piece),
    isTrouble: isDatabaseTrouble,
  };
}
