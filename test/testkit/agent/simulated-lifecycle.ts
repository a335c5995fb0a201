import {
  decideLifecycle,
  FIRST_STATE,
  type Lifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
} from '../../../agent/lifecycle/decide-lifecycle.ts';
import { assertNever } from '../../../shared/model/assert-never.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';

// Time that the real agent has after SIGTERM and for its last words (config.ini: stop_budget, last_words).
const BUDGET_MS = { 'stop-budget': 50_000, 'last-words': 900_000 } as const;

export type ReportEnd = LifecycleEffect & { readonly kind: 'report-end' };

/** What a simulated agent does when its lifecycle asks for it. A rejected promise is handed to `broke`. */
export interface LifecycleWork {
  announceReady(): Promise<void>;
  freezeSessions(): void;
  /** Called once, before the effects of a stop. */
  beginStop(cause: StopCause): void;
  endTrees(): void;
  reportEnd(effect: ReportEnd): Promise<void>;
  /** Takes everything down. Called once, unless `end` was called before. */
  leave(exitCode: number): Promise<void>;
  sleep(ms: number, abort: AbortSignal): Promise<void>;
  broke(error: unknown): void;
}

/** Goes through the real agent's own lifecycle with the work of a simulated one. */
export class SimulatedLifecycle {
  readonly #work: LifecycleWork;
  readonly #timeIsUp = new AbortController();
  #state: Lifecycle = FIRST_STATE;
  #wasEnded = false;

  constructor(work: LifecycleWork) {
    this.#work = work;
  }

  get phase(): Lifecycle['phase'] {
    return this.#state.phase;
  }

  get wasEnded(): boolean {
    return this.#wasEnded;
  }

  /** Aborts when nothing is waited for any more. */
  get waitsEnd(): AbortSignal {
    return this.#timeIsUp.signal;
  }

  handle(event: LifecycleEvent): void {
    const before = this.#state;
    const { state, effects } = decideLifecycle(before, event);
    this.#state = state;
    if (before.phase !== 'stopping' && state.phase === 'stopping') this.#work.beginStop(state.causes[0]);
    for (const effect of effects) this.#perform(effect);
  }

  /** Ends it from outside, without its last words. Returns false when it has gone before. */
  end(exitCode: number): boolean {
    if (this.#wasEnded || this.#state.phase === 'gone') return false;
    this.#wasEnded = true;
    this.#state = { phase: 'gone', exitCode };
    return true;
  }

  /** Ends the waits for time limits. */
  stopWaiting(): void {
    this.#timeIsUp.abort();
  }

  /** Does work beside the lifecycle. */
  begin(work: Promise<void>): void {
    work.catch((error: unknown) => this.#work.broke(error));
  }

  #perform(effect: LifecycleEffect): void {
    switch (effect.kind) {
      case 'announce-ready':
        return this.begin(this.#work.announceReady());
      case 'freeze-sessions':
        return this.#work.freezeSessions();
      case 'end-trees':
        this.#work.endTrees();
        return queueMicrotask(() => this.handle({ kind: 'trees-gone' }));
      case 'kill-trees-now':
        return this.#work.endTrees();
      case 'drain':
        return queueMicrotask(() => this.handle({ kind: 'drained' }));
      case 'report-end':
        return this.begin(this.#work.reportEnd(effect));
      case 'start-budget':
        return this.begin(this.#startBudget(BUDGET_MS[effect.budget]));
      case 'hurry-enrolment':
        // A script that stops a container before its enrolment is not about what the enrolment would have brought.
        return queueMicrotask(() => this.handle({ kind: 'enrolment-is-late' }));
      case 'exit':
        if (!this.#wasEnded) this.begin(this.#work.leave(effect.exitCode));
        return;
      default:
        return assertNever(effect);
    }
  }

  async #startBudget(ms: number): Promise<void> {
    await this.#work.sleep(ms, this.#timeIsUp.signal);
    this.handle({ kind: 'time-is-up' });
  }
}
