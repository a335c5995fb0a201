import { messageOf } from '../../../shared/model/error.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { WakeableTimer } from '../../../shared/time/wakeable-timer.ts';
import { isDatabaseTrouble } from '../../store/database-trouble.ts';
import { claimNamed, claimTasks } from '../../store/tasks/claim-tasks.ts';
import { noteBrokenStep } from '../../store/tasks/note-broken-step.ts';
import { releaseTask, releaseTasks, uncountTakeover } from '../../store/tasks/leases.ts';
import type { Claim, ClaimedTask } from '../../store/tasks/queue.ts';
import type { TroubleWords } from '../../store/trouble-words.ts';
import type { EngineDeps } from '../engine-deps.ts';
import { observedClaim } from './observed-claim.ts';
import { classVersionsOf } from '../../tasks/checks/class-versions.ts';
import { keepLeases, renewalMsOf, type HeldTask } from './lease-keeper.ts';
import { runTask } from './run-task.ts';
import { TROUBLE_WAIT_MS, whenReachable } from './when-reachable.ts';
import type { RunEnd } from './task-run.ts';
import { FollowingAbort } from '../../../shared/time/following-abort.ts';

// A NOTIFY is a hint and may be lost with its connection: every node looks for tasks by itself at least this often.
const MAX_SLEEP_MS = 1_000;
// A longer gap between claims than this means that the node was prevented from claiming and did not just sleep, however short the
// leases are. It is twice the sleep, because timers are late.
const LONGEST_SLEEP_MS = 2 * MAX_SLEEP_MS;
// While tasks under way keep a node busy, it asks this often whether new tasks may start. The question is half the
// cost of a claim, and would otherwise be asked at every wake.
const ADMISSION_MS = 10;
// A step that failed by a database error is repeated after this time, by any node. An immediate repetition would meet the same
// failing database.
const BROKEN_STEP_WAIT_SECONDS = 1;

// A task that falls due between the claim and the query for the next wake is claimed next time. A due task that may
// not be claimed (a pause, a full group) is reported for a quarter of a second as well, and must not make a node
// spin.
const JUST_DUE_SLEEP_MS = 25;

/** Where claims fail and the database is not to blame, only the log has the error. */
const CLAIMS_FAIL: TroubleWords = { reason: 'tasks cannot be claimed', remedy: 'Look at its log' };

/** Returns the milliseconds to sleep. `nextWakeInMs` 0: a task has just become due; null: no task will become due by time. */
function sleepMsUntil(nextWakeInMs: number | null): number {
  if (nextWakeInMs === null) return MAX_SLEEP_MS;
  return nextWakeInMs === 0 ? JUST_DUE_SLEEP_MS : Math.min(MAX_SLEEP_MS, Math.ceil(nextWakeInMs));
}

/** Claims due tasks and runs them side by side, within the node's concurrency, under leases that are renewed. */
export class Engine {
  readonly #deps: EngineDeps;
  readonly #kinds: Claim['kinds'];
  readonly #held = new Map<number, HeldTask>();
  readonly #timer: WakeableTimer;
  #claimsFail = false;
  /** Tasks that notifications have named as due. */
  readonly #named = new Set<TaskId>();
  /**
   * When this node searches for due tasks next. Once that time has come, tasks with a higher rank may be due, so no task is
   * claimed by name any more.
   */
  #nextLookMs = -Infinity;
  /** Time of this node's last successful claim, with or without tasks. */
  #lastClaimMs: number;
  /** Until this time the node looks for tasks under way only. */
  #nextAdmissionMs = -Infinity;
  /** Until this time expired leases are ignored: see `#expiredLeases`. */
  #graceUntilMs = -Infinity;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    this.#timer = new WakeableTimer(deps.clock);
    this.#kinds = classVersionsOf(deps.kinds.values());
    this.#lastClaimMs = deps.clock.monotonicMs();
  }

  /** Hints that this task has become runnable; without one, that some task has, or that room has become free. */
  wake(task?: TaskId): void {
    if (task === undefined) this.#nextLookMs = -Infinity;
    else this.#named.add(task);
    this.#timer.wake();
  }

  /** Returns why the engine takes no tasks, and what to do about it; null while it claims as it should. */
  whyNotReady(): TroubleWords | null {
    return this.#deps.outage.words() ?? (this.#claimsFail ? CLAIMS_FAIL : null);
  }

  /** Runs until `abort`, then hands every task back. Never throws for failures outside the engine. */
  async run(abort: AbortSignal): Promise<void> {
    const renewing = new AbortController();
    const renewed = keepLeases(this.#deps, this.#held, renewing.signal);
    await this.#claimUntil(abort);
    // Steps under way see the abort and hand their task back. The leases are kept until then.
    await Promise.all([...this.#held.values()].map((task) => task.done));
    renewing.abort();
    await renewed;
    try {
      await releaseTasks(this.#deps.db, this.#deps.node);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'handing tasks back failed; others take them when the leases end');
    }
  }

  async #claimUntil(abort: AbortSignal): Promise<void> {
    const { clock, outage, log } = this.#deps;
    while (!abort.aborted) {
      this.#timer.reset();
      try {
        const ms = await this.#claim(abort);
        outage.answered();
        this.#claimsFail = false;
        if (ms > 0) await this.#timer.sleep(ms, abort);
      } catch (error) {
        this.#nextLookMs = -Infinity;
        // Logged once an outage, which may last for hours.
        if (!outage.note(error, 'claiming') && !this.#claimsFail) log.warn({ err: error }, 'claiming failed');
        this.#claimsFail = true;
        await clock.sleep(TROUBLE_WAIT_MS, abort);
      }
    }
  }

  /** Claims and starts runnable tasks. Returns how long there is nothing to claim, unless the node is woken. */
  async #claim(abort: AbortSignal): Promise<number> {
    const { clock, concurrency } = this.#deps;
    const limit = concurrency - this.#held.size;
    if (limit <= 0) {
      // When a task ends and wakes this node, due tasks are claimed in their order.
      this.#nextLookMs = -Infinity;
      return MAX_SLEEP_MS;
    }
    const nowMs = clock.monotonicMs();
    if (nowMs >= this.#nextLookMs || this.#named.size > limit) return await this.#claimDue(limit, nowMs, abort);
    if (this.#named.size > 0) await this.#claimNamed(abort);
    return Math.max(0, Math.ceil(this.#nextLookMs - clock.monotonicMs()));
  }

  /** Looks for tasks that are due, and for new ones, and claims them in their order. */
  async #claimDue(limit: number, nowMs: number, abort: AbortSignal): Promise<number> {
    const { db, clock } = this.#deps;
    const expiredLeases = this.#expiredLeases(nowMs);
    const newTasks = nowMs < this.#nextAdmissionMs ? 'leave' : 'admit';
    if (newTasks === 'admit') this.#nextAdmissionMs = nowMs + ADMISSION_MS;
    // The search also finds the tasks that were named so far.
    this.#named.clear();
    this.#nextLookMs = Infinity;
    const { tasks, admitted, ahead } = await claimTasks(db, { ...this.#claimant, limit, expiredLeases, newTasks });
    await this.#begin(tasks, abort);
    const sleepMs = (): number => {
      if (tasks.length === limit || admitted > 0) return 0;
      // A claim without new tasks does not look ahead. The next claim that does so decides about a longer sleep.
      return ahead ? sleepMsUntil(ahead.nextWakeInMs) : Math.max(0, this.#nextAdmissionMs - this.#lastClaimMs);
    };
    const ms = sleepMs();
    this.#lookBy(clock.monotonicMs() + ms);
    return ms;
  }

  /**
   * Claims the named tasks. If one cannot be claimed by name, its notification meant something else, such as a new task, so a
   * search follows.
   */
  async #claimNamed(abort: AbortSignal): Promise<void> {
    const names = [...this.#named];
    this.#named.clear();
    const tasks = await claimNamed(this.#deps.db, this.#claimant, names);
    await this.#begin(tasks, abort);
    if (tasks.length < names.length) this.#lookBy(this.#nextAdmissionMs);
  }

  get #claimant(): Pick<Claim, 'node' | 'leaseSeconds' | 'kinds'> {
    const { node, leaseSeconds } = this.#deps;
    return { node, leaseSeconds, kinds: this.#kinds };
  }

  #lookBy(ms: number): void {
    this.#nextLookMs = Math.min(this.#nextLookMs, ms);
  }

  async #begin(tasks: readonly ClaimedTask[], abort: AbortSignal): Promise<void> {
    this.#lastClaimMs = this.#deps.clock.monotonicMs();
    await this.#deps.failpoint('after-claim');
    for (const task of tasks) this.#start(task, abort);
  }

  /**
   * Returns whether to take over tasks with expired leases. A node that could not reach the database for a while must assume that
   * other nodes could not renew either and may be alive. So they get the time of one renewal before their leases count as
   * expired.
   */
  #expiredLeases(nowMs: number): 'leave' | 'take-over' {
    const renewalMs = renewalMsOf(this.#deps);
    if (nowMs - this.#lastClaimMs > Math.max(renewalMs, LONGEST_SLEEP_MS)) this.#graceUntilMs = nowMs + renewalMs;
    return nowMs < this.#graceUntilMs ? 'leave' : 'take-over';
  }

  #start(row: ClaimedTask, abort: AbortSignal): void {
    this.#deps.observer.claimed(observedClaim(row, this.#deps.leaseSeconds));
    // A node that was cut off for longer than a lease may claim its own task again, so its earlier run of the task is aborted.
    this.#held.get(row.id)?.lost.abort();
    const lost = new FollowingAbort(abort);
    const end = (sleepsMs: number | null): void => {
      lost.release();
      if (this.#held.get(row.id)?.token === row.token) this.#held.delete(row.id);
      this.#ended(row.id, sleepsMs);
    };
    const done = this.#work(row, lost.signal, abort).then(end, (error: unknown) => {
      end(null);
      throw error;
    });
    this.#held.set(row.id, { lost, done, token: row.token });
  }

  /** After a task that sleeps, the next search is at the end of its wait. Any other end may let another task start at once. */
  #ended(id: TaskId, sleepsMs: number | null): void {
    if (sleepsMs === null) return this.wake();
    if (sleepsMs === 0) return this.wake(id);
    this.#lookBy(this.#deps.clock.monotonicMs() + sleepsMs);
    this.#timer.wake();
  }

  /**
   * Runs one task, and returns how long it sleeps; null: it does not. `leave` aborts when the node has lost the task or
   * stops, `abort` only when the node stops.
   */
  async #work(row: ClaimedTask, leave: AbortSignal, abort: AbortSignal): Promise<number | null> {
    const { db, clock, outage, log } = this.#deps;
    const lease = { id: row.id, token: row.token };
    const task = { taskId: row.id, state: row.state };
    let end: RunEnd;
    try {
      end = await runTask(this.#deps, row, leave);
    } catch (broken) {
      if (!isDatabaseTrouble(broken)) {
        // A bug broke the step. The task stays claimed until its lease ends: the takeover that follows is counted, so that the
        // task cannot break nodes for ever.
        log.error({ err: broken, ...task }, 'step failed; the task is taken over when its lease ends');
        await whenReachable(clock, () => noteBrokenStep(db, lease, messageOf(broken)), abort);
        return null;
      }
      outage.note(broken, 'a step');
      log.debug({ err: broken, ...task }, 'step broken by the database; the task is handed back');
      const released = await whenReachable(clock, () => releaseTask(db, lease, BROKEN_STEP_WAIT_SECONDS), abort);
      end = released === 'lost' ? { kind: 'lost' } : { kind: 'released', sleepsMs: null };
    }
    if (end.kind === 'released') return end.sleepsMs;
    await whenReachable(clock, () => uncountTakeover(db, lease), abort);
    return null;
  }
}
