import { runTask } from '../../../controlplane/engine/run/run-task.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import type { SimulatedRun } from '../simulated-run.ts';
import { NodeDied } from './moments.ts';
import { LEASE_SECONDS, type World } from './world.ts';

const NEVER_ABORTED = new AbortController().signal;
// A method that waits for something real (a file, a promise of its own) gets this long before virtual time goes on and
// ends it, as the engine would.
const PATIENCE_MS = 200;

/**
 * Steps the task as a node does, with the engine's own code, and lets time pass while it sleeps. Returns when it is
 * complete, or when it has taken more steps than it may.
 */
export async function driveTask(world: World, task: TaskId, maxSteps: number): Promise<SimulatedRun['outcome']> {
  const { clock, record } = world;
  const { row } = record.task(task);
  while (row.status !== TASK_STATUS.COMPLETE) {
    if (record.steps(task).length > maxSteps) return 'step-limit';
    const claimed = record.claim(task, 'simulated', LEASE_SECONDS);
    if (claimed) await stepUntilReleased(world, claimed);
    else if (!sleep(world, task)) return 'time-limit';
    if (world.parts.mistake) throw world.parts.mistake;
  }
  clock.advanceTo(clock.nowMs);
  return 'ended';
}

async function stepUntilReleased(world: World, claimed: ClaimedTask): Promise<void> {
  const { clock } = world;
  try {
    await letItSettle(world, runTask(world.deps, claimed, NEVER_ABORTED));
  } catch (error) {
    if (!(error instanceof NodeDied)) throw error;
    // Another node finds the task when the lease of the dead one is over.
    clock.advanceSeconds(LEASE_SECONDS);
  }
}

/** Lets time pass to the next event or to the end of the task's wait. Returns false when nothing would ever happen. */
function sleep({ clock, record }: World, task: TaskId): boolean {
  const { row } = record.task(task);
  const next = clock.nextEventMs() ?? Infinity;
  const wake = row.paused && row.terminateRequestedAt === null ? Infinity : row.wakeAt.getTime();
  const until = Math.min(next, wake);
  if (!Number.isFinite(until)) return false;
  clock.advanceTo(until);
  return true;
}

/**
 * Waits for the step. Nothing in it takes real time, unless a method waits for something outside of the simulation:
 * after a while virtual time then goes on.
 */
async function letItSettle({ clock, methodTime }: World, work: Promise<unknown>): Promise<void> {
  let isSettled = false;
  const settled = work.finally(() => (isSettled = true));
  // The step that does not leave virtual time settles before the event loop turns.
  const turning = turn();
  await Promise.race([settled, turning.over]);
  turning.cancel();
  let patientUntilMs = performance.now() + PATIENCE_MS;
  while (!isSettled) {
    await Promise.race([settled, turn().over]);
    if (isSettled || performance.now() < patientUntilMs) continue;
    const next = clock.nextEventMs();
    if (!methodTime.giveUp() && next !== null) clock.advanceTo(next);
    patientUntilMs = performance.now() + PATIENCE_MS;
  }
  await settled;
}

/** Waits for one turn of the event loop. */
function turn(): { readonly over: Promise<void>; cancel(): void } {
  let immediate: NodeJS.Immediate | undefined;
  const over = new Promise<void>((resolve) => (immediate = setImmediate(resolve)));
  return { over, cancel: () => clearImmediate(immediate) };
}
