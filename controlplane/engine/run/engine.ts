import { TaskId } from '../../../shared/model/ids.ts';
import { isDatabaseTrouble } from '../../store/database-trouble.ts';
import { claimTasks } from '../../store/tasks/claim-tasks.ts';
import { forgiveTakeover, releaseTask, releaseTasks, renewLeases } from '../../store/tasks/leases.ts';
import type { ClaimedTask } from '../../store/tasks/queue.ts';
import type { EngineDeps } from '../engine-deps.ts';
import { runTask } from './run-task.ts';

// A NOTIFY is a hint and may be lost with its connection: every node looks by itself at least so often.
const MAX_SLEEP_MS = 1_000;
// A node that has only napped was not kept from looking, however short the leases are: twice the nap, for timers are late.
const LONGEST_NAP_MS = 2 * MAX_SLEEP_MS;
// While tasks under way keep a node busy, whether new ones may start is asked so often: it is half of a claim, and was
// asked for every wake.
const ADMISSION_MS = 10;
// An error of the database ends nothing: the node waits so long and goes on (a failover takes seconds).
const TROUBLE_WAIT_MS = 500;
// A step that the database broke is taken up again after so long, by whichever node; at once would find it no better.
const BROKEN_STEP_WAIT_SECONDS = 1;
// No step goes on past lease − 5 s after the last confirmed renewal, or another node could run beside it.
const LEASE_MARGIN_MS = 5_000;
// Renewed three times a lease, so that two renewals in a row may fail.
const RENEWALS_PER_LEASE = 3;

// What fell due between the claim and the question for the next wake is met by the next claim; but what is due and may
// not be taken (a pause, a full group) is told for a quarter of a second as well, and must not make a node spin.
const JUST_DUE_NAP_MS = 25;

/** How long to sleep when something wakes in so many ms (0: it has just fallen due; null: nothing ever will). */
function napMs(nextWakeInMs: number | null): number {
  if (nextWakeInMs === null) return MAX_SLEEP_MS;
  return nextWakeInMs === 0 ? JUST_DUE_NAP_MS : Math.min(MAX_SLEEP_MS, Math.ceil(nextWakeInMs));
}

/** Reason of a nap's end; one for all, because an error has a stack. */
const WOKEN = 'woken';

export interface Engine {
  /** A hint that some task has become runnable. */
  wake(): void;
  /** Empty while the engine claims and renews as it should; else one clause each. */
  reasonsNotReady(): readonly string[];
  /** Runs until `stop` aborts, then hands everything back. Never throws for what fails outside. */
  run(stop: AbortSignal): Promise<void>;
}

interface Held {
  readonly stop: AbortController;
  readonly done: Promise<void>;
  readonly token: number;
}

/** Claims due tasks and runs them side by side, within its concurrency, under leases that it renews. */
export function createEngine(deps: EngineDeps): Engine {
  const held = new Map<number, Held>();
  const kinds = [...deps.kinds.values()].flatMap(({ kind, version, migration }) =>
    [version, ...(migration?.from ?? [])].map((one) => ({ kind, classVersion: String(one) })),
  );
  let nap = new AbortController();
  let trouble: string | null = null;
  /** When this node last looked for tasks with success. */
  let lookedMs = deps.clock.monotonicMs();
  /** Until then only tasks under way are looked for. */
  let nextAdmissionMs = -Infinity;
  /** Until then expired leases mean nothing: see `claim`. */
  let graceUntilMs = -Infinity;
  const renewalMs = (deps.leaseSeconds * 1000) / RENEWALS_PER_LEASE;

  function wake(): void {
    nap.abort(WOKEN);
  }

  function start(row: ClaimedTask, stop: AbortSignal): void {
    deps.observer.claimed(row);
    // A node that was cut off for a lease may be the first to find its own task again.
    held.get(row.id)?.stop.abort();
    const lost = new AbortController();
    const done = work(row, AbortSignal.any([stop, lost.signal]), stop).finally(() => {
      if (held.get(row.id)?.token === row.token) held.delete(row.id);
      wake();
    });
    held.set(row.id, { stop: lost, done, token: row.token });
  }

  async function work(row: ClaimedTask, leave: AbortSignal, stop: AbortSignal): Promise<void> {
    const lease = { id: row.id, token: row.token };
    const task = { taskId: row.id, state: row.state };
    let end: 'let-go' | 'lost';
    try {
      end = await runTask(deps, row, leave);
    } catch (broken) {
      if (!isDatabaseTrouble(broken)) {
        // A bug broke it: it stays claimed until its lease ends, for takeovers are counted.
        deps.log.error({ err: broken, ...task }, 'step failed; the task is taken over when its lease ends');
        return;
      }
      deps.outage.note(broken, 'a step');
      deps.log.debug({ err: broken, ...task }, 'step broken by the database; the task is handed back');
      const released = await insist(() => releaseTask(deps.db, lease, BROKEN_STEP_WAIT_SECONDS), stop);
      end = released === 'lost' ? 'lost' : 'let-go';
    }
    if (end === 'lost') await insist(() => forgiveTakeover(deps.db, lease), stop);
  }

  /** Does it as soon as the database can be reached; undefined when the node stopped before. */
  async function insist<T>(does: () => Promise<T>, stop: AbortSignal): Promise<T | undefined> {
    do {
      try {
        return await does();
      } catch (error) {
        if (!isDatabaseTrouble(error)) throw error;
        await deps.clock.sleep(TROUBLE_WAIT_MS, stop);
      }
    } while (!stop.aborted);
    return undefined;
  }

  /** How long there is nothing to claim, unless somebody wakes the node. */
  async function claim(stop: AbortSignal): Promise<number> {
    const limit = deps.concurrency - held.size;
    if (limit <= 0) return MAX_SLEEP_MS;
    const { node, leaseSeconds } = deps;
    // A node that could not look for a while must think that others could not renew either: an outage says nothing
    // about them, so they get the time of one renewal before their leases count as expired.
    const nowMs = deps.clock.monotonicMs();
    if (nowMs - lookedMs > Math.max(renewalMs, LONGEST_NAP_MS)) graceUntilMs = nowMs + renewalMs;
    const expiredLeases = nowMs < graceUntilMs ? 'leave' : 'take-over';
    const newTasks = nowMs < nextAdmissionMs ? 'leave' : 'admit';
    if (newTasks === 'admit') nextAdmissionMs = nowMs + ADMISSION_MS;
    const claimed = await claimTasks(deps.db, { node, limit, leaseSeconds, kinds, expiredLeases, newTasks });
    const { tasks, admitted, ahead } = claimed;
    lookedMs = deps.clock.monotonicMs();
    await deps.failpoint('after-claim');
    for (const task of tasks) start(task, stop);
    if (tasks.length === limit || admitted > 0) return 0;
    // Nobody looked: whether a nap may be longer is known after the next look.
    return ahead ? napMs(ahead.nextWakeInMs) : Math.max(0, nextAdmissionMs - lookedMs);
  }

  async function claimUntil(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      nap = new AbortController();
      const napping = AbortSignal.any([nap.signal, stop]);
      try {
        const ms = await claim(stop);
        deps.outage.answered();
        trouble = null;
        if (ms > 0) await deps.clock.sleep(ms, napping);
      } catch (error) {
        // Once an outage, which may last for hours.
        if (!deps.outage.note(error, 'claiming') && !trouble) deps.log.warn({ err: error }, 'claiming failed');
        trouble = 'tasks cannot be claimed';
        await deps.clock.sleep(TROUBLE_WAIT_MS, stop);
      }
    }
  }

  async function renewUntil(stop: AbortSignal): Promise<void> {
    const leaseMs = deps.leaseSeconds * 1000;
    let confirmedMs = deps.clock.monotonicMs();
    let waitMs = renewalMs;
    while (!stop.aborted) {
      await deps.clock.sleep(waitMs, stop);
      if (stop.aborted) return;
      const askedMs = deps.clock.monotonicMs();
      // What is claimed while the question is under way has a fresh lease and no part in the answer.
      const asked = [...held].map(([id, task]) => ({ id: TaskId.parse(id), token: task.token, task }));
      try {
        const owned = await renewLeases(deps.leaseDb, deps.node, deps.leaseSeconds, asked);
        confirmedMs = askedMs;
        waitMs = renewalMs;
        const tokens = new Map(owned.map((lease) => [lease.id, lease.token]));
        for (const { id, token, task } of asked) if (tokens.get(id) !== token) task.stop.abort();
      } catch (error) {
        if (!deps.outage.note(error, 'renewing the leases'))
          deps.log.warn({ err: error }, 'renewing the leases failed');
        waitMs = Math.min(renewalMs, TROUBLE_WAIT_MS);
        const lateMs = deps.clock.monotonicMs() - confirmedMs;
        const margin = Math.min(LEASE_MARGIN_MS, leaseMs / 2);
        if (lateMs > leaseMs - margin) for (const task of held.values()) task.stop.abort();
      }
    }
  }

  async function run(stop: AbortSignal): Promise<void> {
    const renewing = new AbortController();
    const renewed = renewUntil(renewing.signal);
    await claimUntil(stop);
    // Steps under way see the abort and hand their task back; the leases are kept until they have.
    await Promise.all([...held.values()].map((task) => task.done));
    renewing.abort();
    await renewed;
    try {
      await releaseTasks(deps.db, deps.node);
    } catch (error) {
      deps.log.warn({ err: error }, 'handing tasks back failed; others take them when the leases end');
    }
  }

  function reasonsNotReady(): readonly string[] {
    const reasons = deps.outage.reasons();
    return reasons.length === 0 && trouble ? [trouble] : reasons;
  }

  return { wake, reasonsNotReady, run };
}
