import { assertNever } from '../../shared/model/assert-never.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import { STOP_EXIT_CODE } from './exit-codes.ts';

// The life of the agent, which is the life of its container:
//
//            booted                 stop(cause)
//   booting ────────▶ ready ──────────────────────┐
//      │  stop(cause), enrolled                   ▼
//      ├───────────────────────────────────▶ stopping: ending ─▶ draining ─▶ delivering
//      │  stop(cause), not enrolled                   (trees     (last        (output, process-complete,
//      ▼                                               killed)    output)      exit are on their way)
//   stopping: enrolling ─────────────────────────────────────────────────────▶    │
//      │  void, refused, late              enrolled                               │ delivered, time-is-up
//      ▼                                                                          ▼
//     gone ◀──────────────────────────────────────────────────────────────────────┘
//
// The first cause decides what is said and with which code the agent exits; later ones are only listed. They can
// hurry things on, though: SIGTERM starts the stop budget, and a cause without grace kills at once. So does the stop budget
// itself: whatever the grace is, processes are killed when half of it is over, and at three quarters the last words are sent.

/** Seconds between TERM and KILL. None for limit-disk: each second of grace is a gigabyte more on the disk. */
const KILL_GRACE_SECONDS: Record<StopCause, number> = {
  // 4 s keep the way from the touch of the file to the end of the container below 10 s, TERM-ignoring builds included.
  'shutdown-file': 4,
  'limit-disk': 0,
  'limit-inodes': 0,
  'limit-time': 4,
  'no-progress': 4,
  'host-disk-pressure': 0,
  internal: 4,
  'enrolment-void': 4,
  sigterm: 10,
  spot: 10,
};

/** Returns whether the cause announces a SIGKILL from outside, so that everything must end inside the stop budget. */
function startsStopBudget(cause: StopCause): boolean {
  return cause === 'sigterm' || cause === 'spot';
}

/** Returns whether the control plane has given this container up, and so takes no signal of it. */
function isUnheard(causes: Causes): boolean {
  return causes[0] === 'enrolment-void';
}

/** Never empty; the first is the one that counts. */
export type Causes = readonly [StopCause, ...StopCause[]];

export type Lifecycle =
  | { readonly phase: 'booting'; readonly enrolled: boolean }
  | { readonly phase: 'ready' }
  | {
      readonly phase: 'stopping';
      readonly step: 'enrolling' | 'ending' | 'draining' | 'delivering';
      readonly wasReady: boolean;
      readonly causes: Causes;
    }
  | { readonly phase: 'gone'; readonly exitCode: number };

export type LifecycleEvent =
  | { readonly kind: 'enrolled' }
  /** A container that is being stopped does not wait any longer for its enrolment. */
  | { readonly kind: 'enrolment-is-late' }
  /** SSH answers, the spool is there: nothing is ready only because a port is open. */
  | { readonly kind: 'booted' }
  | { readonly kind: 'stop'; readonly cause: StopCause }
  /** No process of ours is left, or none that KILL could end. */
  | { readonly kind: 'trees-gone' }
  | { readonly kind: 'drained' }
  | { readonly kind: 'delivered' }
  /** Half of a budget is over: nobody gets more grace. */
  | { readonly kind: 'grace-is-over' }
  /** Three quarters of a budget are over: the rest is for the sending of the last words. */
  | { readonly kind: 'report-is-due' }
  | { readonly kind: 'time-is-up' };

export type LifecycleEffect =
  | { readonly kind: 'announce-ready' }
  | { readonly kind: 'freeze-sessions' }
  /** TERM to every tree, KILL after the grace (0: KILL at once); answered by `trees-gone`. */
  | { readonly kind: 'end-trees'; readonly graceSeconds: number }
  | { readonly kind: 'kill-trees-now' }
  /** Read what the processes still wrote, for a second at most; answered by `drained`. */
  | { readonly kind: 'drain' }
  /** Spool output (when there is something to say), process-complete and exit, in this order, then deliver. */
  | { readonly kind: 'report-end'; readonly causes: Causes; readonly exitCode: number; readonly wasReady: boolean }
  | { readonly kind: 'start-budget'; readonly budget: 'stop-budget' | 'last-words' }
  /** Wait a moment for the enrolment that is under way; answered by `enrolled` or `enrolment-is-late`. */
  | { readonly kind: 'hurry-enrolment' }
  | { readonly kind: 'exit'; readonly exitCode: number };

export interface LifecycleDecision {
  readonly state: Lifecycle;
  readonly effects: readonly LifecycleEffect[];
}

export const FIRST_STATE: Lifecycle = { phase: 'booting', enrolled: false };

const stay = (state: Lifecycle): LifecycleDecision => ({ state, effects: [] });

function exit(exitCode: number): LifecycleDecision {
  return { state: { phase: 'gone', exitCode }, effects: [{ kind: 'exit', exitCode }] };
}

function startBudget(cause: StopCause): readonly LifecycleEffect[] {
  return startsStopBudget(cause) ? [{ kind: 'start-budget', budget: 'stop-budget' }] : [];
}

function stop(cause: StopCause, wasReady: boolean): LifecycleDecision {
  return {
    state: { phase: 'stopping', step: 'ending', wasReady, causes: [cause] },
    effects: [
      { kind: 'freeze-sessions' },
      ...startBudget(cause),
      { kind: 'end-trees', graceSeconds: KILL_GRACE_SECONDS[cause] },
    ],
  };
}

/**
 * Without the key of the enrolment nothing can be signed. The request may be under way, though, and a control plane that
 * answers it learns why the container ends. No process was started.
 */
function stopWhileEnrolling(cause: StopCause): LifecycleDecision {
  return {
    state: { phase: 'stopping', step: 'enrolling', wasReady: false, causes: [cause] },
    effects: [...startBudget(cause), { kind: 'hurry-enrolment' }],
  };
}

/** Decides the state and the effects that follow from `event`. Reads no clock and touches nothing; gone is final. */
export function decideLifecycle(state: Lifecycle, event: LifecycleEvent): LifecycleDecision {
  switch (state.phase) {
    case 'booting':
      return whileBooting(state, event);
    case 'ready':
      return event.kind === 'stop' ? stop(event.cause, true) : stay(state);
    case 'stopping':
      return whileStopping(state, event);
    case 'gone':
      return stay(state);
    default:
      return assertNever(state);
  }
}

function whileBooting(state: Lifecycle & { phase: 'booting' }, event: LifecycleEvent): LifecycleDecision {
  if (event.kind === 'enrolled') return stay({ phase: 'booting', enrolled: true });
  if (event.kind === 'booted') return { state: { phase: 'ready' }, effects: [{ kind: 'announce-ready' }] };
  if (event.kind !== 'stop') return stay(state);
  if (state.enrolled) return stop(event.cause, false);
  return isUnheard([event.cause]) ? exit(STOP_EXIT_CODE[event.cause]) : stopWhileEnrolling(event.cause);
}

function whileStopping(state: Lifecycle & { phase: 'stopping' }, event: LifecycleEvent): LifecycleDecision {
  switch (event.kind) {
    case 'stop':
      return anotherCause(state, event.cause);
    case 'trees-gone':
      return state.step === 'ending'
        ? { state: { ...state, step: 'draining' }, effects: [{ kind: 'drain' }] }
        : stay(state);
    case 'drained':
      return state.step === 'draining' ? reportEnd(state) : stay(state);
    case 'delivered':
      return state.step === 'delivering' ? exit(STOP_EXIT_CODE[state.causes[0]]) : stay(state);
    case 'grace-is-over':
      return state.step === 'ending' ? { state, effects: [{ kind: 'kill-trees-now' }] } : stay(state);
    case 'report-is-due':
      return state.step === 'ending' || state.step === 'draining' ? reportNow(state) : stay(state);
    case 'enrolment-is-late':
      return state.step === 'enrolling' ? exit(STOP_EXIT_CODE[state.causes[0]]) : stay(state);
    case 'time-is-up':
      return exit(STOP_EXIT_CODE[state.causes[0]]);
    case 'enrolled':
      return state.step === 'enrolling' ? reportEnd(state) : stay(state);
    case 'booted':
      return stay(state);
    default:
      return assertNever(event);
  }
}

function anotherCause(state: Lifecycle & { phase: 'stopping' }, cause: StopCause): LifecycleDecision {
  if (state.causes.includes(cause)) return stay(state);
  if (state.step === 'enrolling' && isUnheard([cause])) return exit(STOP_EXIT_CODE[state.causes[0]]);
  const effects: LifecycleEffect[] = [];
  // The delivery of the last words has no budget until a SIGKILL is announced.
  if (startsStopBudget(cause) && !state.causes.some(startsStopBudget)) {
    effects.push({ kind: 'start-budget', budget: 'stop-budget' });
  }
  if (state.step === 'ending' && KILL_GRACE_SECONDS[cause] === 0) effects.push({ kind: 'kill-trees-now' });
  return { state: { ...state, causes: [...state.causes, cause] }, effects };
}

function reportEnd(state: Lifecycle & { phase: 'stopping' }): LifecycleDecision {
  const exitCode = STOP_EXIT_CODE[state.causes[0]];
  if (isUnheard(state.causes)) return exit(exitCode);
  const report = { kind: 'report-end', causes: state.causes, exitCode, wasReady: state.wasReady } as const;
  const budget = state.causes.some(startsStopBudget) ? [] : ([{ kind: 'start-budget', budget: 'last-words' }] as const);
  return { state: { ...state, step: 'delivering' }, effects: [report, ...budget] };
}

/** What is left of the budget is too short for processes that survive KILL, or that write without end. */
function reportNow(state: Lifecycle & { phase: 'stopping' }): LifecycleDecision {
  const { state: next, effects } = reportEnd(state);
  return { state: next, effects: state.step === 'ending' ? [{ kind: 'kill-trees-now' }, ...effects] : effects };
}
