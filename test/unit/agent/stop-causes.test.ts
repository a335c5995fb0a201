import { describe, expect, it } from 'vitest';
import {
  decideLifecycle,
  FIRST_STATE,
  type Lifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
} from '../../../agent/lifecycle/decide-lifecycle.ts';
import { StopCause } from '../../../shared/model/stop-cause.ts';

interface Promised {
  readonly exitCode: number;
  /** Seconds between TERM and KILL. */
  readonly graceSeconds: number;
  /** Set when the container will be killed from outside, so that everything must end within the stop budget. */
  readonly budget?: 'stop-budget';
  /** Set when the control plane does not get the report of the end. */
  readonly isUnheard?: true;
}

/** The promises about each cause, repeated here, so that a change of the source needs a change here. */
const PROMISED: Record<StopCause, Promised> = {
  'shutdown-file': { exitCode: 0, graceSeconds: 4 },
  'limit-disk': { exitCode: 70, graceSeconds: 0 },
  'limit-inodes': { exitCode: 71, graceSeconds: 0 },
  'limit-time': { exitCode: 72, graceSeconds: 4 },
  'no-progress': { exitCode: 73, graceSeconds: 4 },
  'host-disk-pressure': { exitCode: 74, graceSeconds: 0 },
  internal: { exitCode: 75, graceSeconds: 4 },
  'enrolment-void': { exitCode: 77, graceSeconds: 4, isUnheard: true },
  sigterm: { exitCode: 143, graceSeconds: 10, budget: 'stop-budget' },
  spot: { exitCode: 143, graceSeconds: 10, budget: 'stop-budget' },
};
const CAUSES = StopCause.options;

const stop = (cause: StopCause): LifecycleEvent => ({ kind: 'stop', cause });
const TREES_GONE: LifecycleEvent = { kind: 'trees-gone' };
const DRAINED: LifecycleEvent = { kind: 'drained' };
const DELIVERED: LifecycleEvent = { kind: 'delivered' };
const TIME_IS_UP: LifecycleEvent = { kind: 'time-is-up' };
const ENROLLED_NOW: LifecycleEvent = { kind: 'enrolled' };
const LATE: LifecycleEvent = { kind: 'enrolment-is-late' };

/** `end-trees 4`, `stop-budget`, `report-end sigterm+spot 143`, `exit 0`, and so on. */
function nameOf(effect: LifecycleEffect): string {
  switch (effect.kind) {
    case 'end-trees':
      return `end-trees ${effect.graceSeconds}`;
    case 'start-budget':
      return effect.budget;
    case 'report-end':
      return `report-end ${effect.causes.join('+')} ${effect.exitCode}`;
    case 'exit':
      return `exit ${effect.exitCode}`;
    default:
      return effect.kind;
  }
}

/** Returns the names of all effects in their order, and the last state. */
function live(from: Lifecycle, events: readonly LifecycleEvent[]): { effects: string[]; end: Lifecycle } {
  const effects: string[] = [];
  let end = from;
  for (const event of events) {
    const decision = decideLifecycle(end, event);
    end = decision.state;
    effects.push(...decision.effects.map(nameOf));
  }
  return { effects, end };
}

const READY: Lifecycle = { phase: 'ready' };
const ENROLLED: Lifecycle = { phase: 'booting', enrolled: true };

/** Returns the effects that begin a stop. */
function beginning(cause: StopCause): string[] {
  const { graceSeconds, budget } = PROMISED[cause];
  return ['freeze-sessions', ...(budget ? [budget] : []), `end-trees ${graceSeconds}`];
}

/** Returns the effects that begin a stop before the enrolment. */
function hurrying(cause: StopCause): string[] {
  const { budget, isUnheard } = PROMISED[cause];
  return isUnheard ? [] : [...(budget ? [budget] : []), 'hurry-enrolment'];
}

/** Returns the effects that `second` adds to a stop for `first` that has reached `step`. */
function addition(
  first: StopCause,
  second: StopCause,
  step: 'enrolling' | 'ending' | 'draining' | 'delivering',
): string[] {
  if (first === second) return [];
  const { graceSeconds, budget } = PROMISED[second];
  return [
    ...(budget && !PROMISED[first].budget ? [budget] : []),
    ...(graceSeconds === 0 && step === 'ending' ? ['kill-trees-now'] : []),
  ];
}

/** Returns the effects that end a stop, given the causes that were known when the output was drained. */
function ending(first: StopCause, known: readonly StopCause[]): string[] {
  const { exitCode, isUnheard } = PROMISED[first];
  if (isUnheard) return [`exit ${exitCode}`];
  const isBounded = known.some((cause) => PROMISED[cause].budget);
  return [`report-end ${[...new Set(known)].join('+')} ${exitCode}`, ...(isBounded ? [] : ['last-words'])];
}

// All cases are tried instead of random ones: ten causes and their hundred pairs are fewer than the runs of a property.

/** Calls `assert` for each cause. The name of the case comes first, for the message of an expectation that fails. */
function forEveryCause(assert: (name: string, cause: StopCause) => void): void {
  for (const cause of CAUSES) assert(cause, cause);
}

function forEveryPair(assert: (name: string, first: StopCause, second: StopCause) => void): void {
  for (const first of CAUSES) for (const second of CAUSES) assert(`${first}, then ${second}`, first, second);
}

describe('the life of an agent that is stopped for any one cause', () => {
  it.each([LATE, TIME_IS_UP, stop('enrolment-void')])(
    'ends with the code of the cause before the enrolment, when nobody answers that: %j',
    (nobodyAnswers) => {
      forEveryCause((name, cause) => {
        const { exitCode } = PROMISED[cause];
        const events = [stop(cause), stop(cause), TREES_GONE, DRAINED, DELIVERED, nobodyAnswers, ENROLLED_NOW];
        const { effects, end } = live(FIRST_STATE, events);
        expect(effects, name).toEqual([...hurrying(cause), `exit ${exitCode}`]);
        expect(end, name).toEqual({ phase: 'gone', exitCode });
      });
    },
  );

  it('is told of by an enrolment that was under way', () => {
    forEveryCause((name, cause) => {
      if (PROMISED[cause].isUnheard) return;
      const { effects } = live(FIRST_STATE, [stop(cause), ENROLLED_NOW, LATE, TREES_GONE, DRAINED, DELIVERED]);
      const { exitCode } = PROMISED[cause];
      expect(effects, name).toEqual([...hurrying(cause), ...ending(cause, [cause]), `exit ${exitCode}`]);
    });
  });

  it.each([
    ['ready', READY],
    ['enrolled and not ready', ENROLLED],
  ])('freezes, ends the trees, drains, reports and exits, in this order and once, when it was %s', (_name, from) => {
    forEveryCause((name, cause) => {
      const events = [TREES_GONE, DRAINED, DELIVERED].flatMap((event) => [event, event, stop(cause)]);
      const { effects } = live(from, [stop(cause), ...events, TIME_IS_UP]);
      const { exitCode, isUnheard } = PROMISED[cause];
      const exit = isUnheard ? [] : [`exit ${exitCode}`];
      expect(effects, name).toEqual([...beginning(cause), 'drain', ...ending(cause, [cause]), ...exit]);
    });
  });

  it('ends with the code of the cause when the time is up, at every step', () => {
    forEveryCause((name, cause) => {
      const all = [stop(cause), TREES_GONE, DRAINED];
      for (let count = 1; count <= all.length; count += 1) {
        const { effects, end } = live(READY, [...all.slice(0, count), TIME_IS_UP, TIME_IS_UP]);
        expect(effects.at(-1), name).toBe(`exit ${PROMISED[cause].exitCode}`);
        expect(
          effects.filter((effect) => effect.startsWith('exit')),
          name,
        ).toHaveLength(1);
        expect(end.phase, name).toBe('gone');
      }
    });
  });

  it('changes nothing once it is over, and nothing by events out of their turn', () => {
    forEveryCause((name, cause) => {
      const gone: Lifecycle = { phase: 'gone', exitCode: 0 };
      expect(decideLifecycle(gone, stop(cause)), name).toEqual({ state: gone, effects: [] });
      const { effects } = live(READY, [stop(cause), DRAINED, DELIVERED, { kind: 'enrolled' }, { kind: 'booted' }]);
      expect(effects, name).toEqual(beginning(cause));
    });
  });
});

describe('the life of an agent that is stopped for any two causes', () => {
  it.each([
    ['ready', READY],
    ['enrolled and not ready', ENROLLED],
  ])('has one end, of the first, when both come in the same tick and it was %s', (_name, from) => {
    forEveryPair((name, first, second) => {
      const { effects } = live(from, [stop(first), stop(second), TREES_GONE, DRAINED, DELIVERED, TIME_IS_UP]);
      expect(effects, name).toEqual([
        ...beginning(first),
        ...addition(first, second, 'ending'),
        'drain',
        ...ending(first, [first, second]),
        ...(PROMISED[first].isUnheard ? [] : [`exit ${PROMISED[first].exitCode}`]),
      ]);
    });
  });

  it('has one exit, of the first, when both come in the same tick before the enrolment', () => {
    forEveryPair((name, first, second) => {
      const { effects } = live(FIRST_STATE, [stop(first), stop(second), LATE]);
      const isOver = PROMISED[first].isUnheard ?? PROMISED[second].isUnheard;
      const added = isOver ? [] : addition(first, second, 'enrolling');
      expect(effects, name).toEqual([...hurrying(first), ...added, `exit ${PROMISED[first].exitCode}`]);
    });
  });

  it('lists the second when it comes while the last output is read, and does nothing twice', () => {
    forEveryPair((name, first, second) => {
      const { effects } = live(READY, [stop(first), TREES_GONE, stop(second), DRAINED, DELIVERED]);
      expect(effects, name).toEqual([
        ...beginning(first),
        'drain',
        ...addition(first, second, 'draining'),
        ...ending(first, [first, second]),
        ...(PROMISED[first].isUnheard ? [] : [`exit ${PROMISED[first].exitCode}`]),
      ]);
    });
  });

  it('leaves the last words as they are when the second comes while they are under way', () => {
    forEveryPair((name, first, second) => {
      const { effects } = live(READY, [stop(first), TREES_GONE, DRAINED, stop(second), DELIVERED]);
      const { exitCode, isUnheard } = PROMISED[first];
      const rest = isUnheard ? [] : [...addition(first, second, 'delivering'), `exit ${exitCode}`];
      expect(effects, name).toEqual([...beginning(first), 'drain', ...ending(first, [first]), ...rest]);
    });
  });
});

it('an agent that all causes stop at once starts one stop budget, and lists each cause once', () => {
  for (const first of CAUSES) {
    const all = [first, ...CAUSES.toReversed(), ...CAUSES];
    const { effects, end } = live(READY, all.map(stop));
    expect(effects.filter((name) => name === 'stop-budget')).toHaveLength(1);
    expect(end).toMatchObject({ phase: 'stopping', causes: [...new Set(all)] });
  }
});
