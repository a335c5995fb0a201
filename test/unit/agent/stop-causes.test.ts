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
  /** Between TERM and KILL. */
  readonly graceSeconds: number;
  /** Whether somebody outside will kill the container, so that everything must end within the stop budget. */
  readonly budget?: 'stop-budget';
  /** Whether nobody hears the end. */
  readonly isUnheard?: true;
}

/** What was promised of each cause, written once more, so that a change of the source is a change here. */
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

/** The names of all effects, in their order, and where it ends. */
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

/** What a stop begins with. */
function beginning(cause: StopCause): string[] {
  const { graceSeconds, budget } = PROMISED[cause];
  return ['freeze-sessions', ...(budget ? [budget] : []), `end-trees ${graceSeconds}`];
}

/** What `second` adds to a stop for `first` that is at `step`. */
function addition(first: StopCause, second: StopCause, step: 'ending' | 'draining' | 'delivering'): string[] {
  if (first === second) return [];
  const { graceSeconds, budget } = PROMISED[second];
  return [
    ...(budget && !PROMISED[first].budget ? [budget] : []),
    ...(graceSeconds === 0 && step === 'ending' ? ['kill-trees-now'] : []),
  ];
}

/** What a stop ends with, for the causes that were known when the output was drained. */
function ending(first: StopCause, known: readonly StopCause[]): string[] {
  const { exitCode, isUnheard } = PROMISED[first];
  if (isUnheard) return [`exit ${exitCode}`];
  const isBounded = known.some((cause) => PROMISED[cause].budget);
  return [`report-end ${[...new Set(known)].join('+')} ${exitCode}`, ...(isBounded ? [] : ['last-words'])];
}

describe('each cause', () => {
  it.each(CAUSES)('%s ends with its own code before the enrolment, when there is nobody to tell', (cause) => {
    const { exitCode } = PROMISED[cause];
    const { effects, end } = live(FIRST_STATE, [stop(cause), stop(cause), TREES_GONE, DRAINED, DELIVERED, TIME_IS_UP]);
    expect(effects).toEqual([`exit ${exitCode}`]);
    expect(end).toEqual({ phase: 'gone', exitCode });
  });

  it.each(CAUSES)('%s freezes, ends the trees, drains, reports and exits, in this order and once', (cause) => {
    for (const from of [READY, ENROLLED]) {
      const events = [TREES_GONE, DRAINED, DELIVERED].flatMap((event) => [event, event, stop(cause)]);
      const { effects } = live(from, [stop(cause), ...events, TIME_IS_UP]);
      const { exitCode, isUnheard } = PROMISED[cause];
      const exit = isUnheard ? [] : [`exit ${exitCode}`];
      expect(effects).toEqual([...beginning(cause), 'drain', ...ending(cause, [cause]), ...exit]);
    }
  });

  it.each(CAUSES)('%s exits with its own code when the time is up, at every step', (cause) => {
    const all = [stop(cause), TREES_GONE, DRAINED];
    for (let count = 1; count <= all.length; count += 1) {
      const { effects, end } = live(READY, [...all.slice(0, count), TIME_IS_UP, TIME_IS_UP]);
      expect(effects.at(-1)).toBe(`exit ${PROMISED[cause].exitCode}`);
      expect(effects.filter((name) => name.startsWith('exit'))).toHaveLength(1);
      expect(end.phase).toBe('gone');
    }
  });

  it.each(CAUSES)('%s does nothing to what is over, and events out of their turn do nothing to its stop', (cause) => {
    const gone: Lifecycle = { phase: 'gone', exitCode: 0 };
    expect(decideLifecycle(gone, stop(cause))).toEqual({ state: gone, effects: [] });
    const { effects } = live(READY, [stop(cause), DRAINED, DELIVERED, { kind: 'enrolled' }, { kind: 'booted' }]);
    expect(effects).toEqual(beginning(cause));
  });
});

describe('two causes', () => {
  const pairs = CAUSES.flatMap((first) => CAUSES.map((second) => [first, second] as const));

  it.each(pairs)('%s and %s in the same tick: one end, of the first', (first, second) => {
    for (const from of [READY, ENROLLED]) {
      const { effects } = live(from, [stop(first), stop(second), TREES_GONE, DRAINED, DELIVERED, TIME_IS_UP]);
      expect(effects).toEqual([
        ...beginning(first),
        ...addition(first, second, 'ending'),
        'drain',
        ...ending(first, [first, second]),
        ...(PROMISED[first].isUnheard ? [] : [`exit ${PROMISED[first].exitCode}`]),
      ]);
    }
    expect(live(FIRST_STATE, [stop(first), stop(second)]).effects).toEqual([`exit ${PROMISED[first].exitCode}`]);
  });

  it.each(pairs)('%s, and %s while the last output is read: listed, and nothing is done twice', (first, second) => {
    const { effects } = live(READY, [stop(first), TREES_GONE, stop(second), DRAINED, DELIVERED]);
    expect(effects).toEqual([
      ...beginning(first),
      'drain',
      ...addition(first, second, 'draining'),
      ...ending(first, [first, second]),
      ...(PROMISED[first].isUnheard ? [] : [`exit ${PROMISED[first].exitCode}`]),
    ]);
  });

  it.each(pairs)('%s, and %s while the last words are under way: they stay as they are', (first, second) => {
    const { effects } = live(READY, [stop(first), TREES_GONE, DRAINED, stop(second), DELIVERED]);
    const { exitCode, isUnheard } = PROMISED[first];
    const rest = isUnheard ? [] : [...addition(first, second, 'delivering'), `exit ${exitCode}`];
    expect(effects).toEqual([...beginning(first), 'drain', ...ending(first, [first]), ...rest]);
  });
});

it('all causes at once start one stop budget, and the list has each once', () => {
  for (const first of CAUSES) {
    const all = [first, ...CAUSES.toReversed(), ...CAUSES];
    const { effects, end } = live(READY, all.map(stop));
    expect(effects.filter((name) => name === 'stop-budget')).toHaveLength(1);
    expect(end).toMatchObject({ phase: 'stopping', causes: [...new Set(all)] });
  }
});
