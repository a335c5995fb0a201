import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { decideCanaryHealth } from '../containers/canary-health.ts';
import { prepareTask, type PrepareTaskDeps } from '../engine/prepare-task.ts';
import type { DatabaseOutage } from '../store/database-outage.ts';
import { addDueCanary, endCanaryAlarm, readEndedCanaries, takeCanaryAlarm } from '../store/operation/canaries.ts';
import { readMaintenance } from '../store/operation/maintenance.ts';
import type { Db } from '../store/schema.ts';
import { CANARY_KIND } from '../tasks/canary.ts';

// How often a node asks whether a canary is due, and how the last ones ended. A tenth of the interval is soon enough.
const LONGEST_CHECK_MS = 60_000;
const CHECKS_PER_INTERVAL = 10;
// A canary that has not ended by then has failed (ours: twice the time in which a container must be ready).
const MAX_RUN_SECONDS = 1_800;
// Far more than the failures in a row that anybody counts.
const READ_ENDS = 20;

export interface CanaryDeps {
  readonly db: Db;
  readonly tasks: Omit<PrepareTaskDeps, 'maxRunSeconds'>;
  /** 0: no canaries. */
  readonly intervalSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly outage: DatabaseOutage;
}

/** Adds a canary in each interval, and raises an alarm when they fail. Every node runs this; one of them acts. */
export async function runCanaries(deps: CanaryDeps, stop: AbortSignal): Promise<void> {
  const { clock, log, outage, intervalSeconds } = deps;
  if (intervalSeconds === 0) return;
  const checkMs = Math.min(LONGEST_CHECK_MS, (intervalSeconds * 1_000) / CHECKS_PER_INTERVAL);
  while (!stop.aborted) {
    try {
      await reportHealth(deps);
      await addIfDue(deps);
    } catch (error) {
      if (!outage.note(error, 'the canaries')) log.warn({ err: error }, 'adding or checking canaries failed');
    }
    await clock.sleep(checkMs, stop);
  }
}

async function addIfDue({ db, tasks, intervalSeconds, log }: CanaryDeps): Promise<void> {
  if (await readMaintenance(db)) return;
  const order = { kind: CANARY_KIND, options: {}, title: 'Canary (by schedule)' };
  const task = prepareTask({ ...tasks, maxRunSeconds: MAX_RUN_SECONDS }, order);
  const id = await addDueCanary(db, task, intervalSeconds);
  if (id !== null) log.info({ taskId: id }, 'a canary was added');
}

async function reportHealth({ db, log }: CanaryDeps): Promise<void> {
  const ends = await readEndedCanaries(db, CANARY_KIND, READ_ENDS);
  const { failuresInARow, isAlarming } = decideCanaryHealth(ends);
  const last = ends.find(({ exitStatus }) => exitStatus !== 'TERMINATED');
  if (isAlarming && last && (await takeCanaryAlarm(db, last.id))) {
    const facts = { taskId: last.id, failuresInARow, cause: last.cause, why: last.message };
    log.error(facts, 'ALERT: canaries fail: containers can probably not be launched');
  } else if (last && failuresInARow === 0 && (await endCanaryAlarm(db))) {
    log.info({ taskId: last.id }, 'canaries succeed again');
  }
}
