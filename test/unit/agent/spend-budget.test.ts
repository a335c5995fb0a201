import { describe, expect, it } from 'vitest';
import {
  decideLifecycle,
  type Lifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
} from '../../../agent/lifecycle/decide-lifecycle.ts';
import { spendBudget } from '../../../agent/run/spend-budget.ts';
import type { StopCause } from '../../../shared/model/stop-cause.ts';
import type { Clock } from '../../../shared/time/clock.ts';

interface Build {
  /** Seconds from TERM until it ends by itself. */
  readonly endsAfter: number;
  /** Seconds from KILL until it is gone. */
  readonly diesAfter: number;
  /** Seconds until its last output is read. */
  readonly drainsIn: number;
}
const STUBBORN: Build = { endsAfter: Infinity, diesAfter: 0.1, drainsIn: 0 };

/** Lives a stop in virtual time, with a control plane that does not answer. Returns what happens and when. */
async function stopped(causes: readonly StopCause[], budgetSeconds: number, build: Build): Promise<string[]> {
  const happened: string[] = [];
  const later: { readonly at: number; readonly happens: () => void }[] = [];
  let state: Lifecycle = { phase: 'ready' };
  const isGone = (): boolean => state.phase === 'gone';
  let now = 0;
  let treesEndAt = Infinity;
  const after = (seconds: number, happens: () => void): void => void later.push({ at: now + seconds, happens });
  const clock: Clock = {
    now: () => new Date(now * 1_000),
    monotonicMs: () => now * 1_000,
    sleep: (ms) => new Promise((resolve) => after(ms / 1_000, resolve)),
  };
  const treesGoneAfter = (seconds: number): void => {
    treesEndAt = Math.min(treesEndAt, now + seconds);
    after(seconds, () => now === treesEndAt && handle({ kind: 'trees-gone' }));
  };
  const handle = (event: LifecycleEvent): void => {
    const decision = decideLifecycle(state, event);
    ({ state } = decision);
    for (const effect of decision.effects) perform(effect);
  };
  const perform = (effect: LifecycleEffect): void => {
    if (['kill-trees-now', 'report-end', 'exit'].includes(effect.kind)) happened.push(`${effect.kind} at ${now} s`);
    if (effect.kind === 'end-trees') treesGoneAfter(Math.min(build.endsAfter, effect.graceSeconds + build.diesAfter));
    if (effect.kind === 'kill-trees-now') treesGoneAfter(build.diesAfter);
    if (effect.kind === 'drain') after(build.drainsIn, () => handle({ kind: 'drained' }));
    if (effect.kind !== 'start-budget' || effect.budget !== 'stop-budget') return;
    const steps = {
      atHalf: () => handle({ kind: 'grace-is-over' }),
      atThreeQuarters: () => handle({ kind: 'report-is-due' }),
      atEnd: () => handle({ kind: 'time-is-up' }),
    };
    void spendBudget(budgetSeconds, steps, clock);
  };
  for (const cause of causes) handle({ kind: 'stop', cause });
  while (!isGone() && later.length > 0) {
    const next = later.reduce((first, one) => (one.at < first.at ? one : first));
    later.splice(later.indexOf(next), 1);
    now = next.at;
    next.happens();
    await new Promise(setImmediate); // what a sleep has ended runs now
  }
  return happened;
}

describe('the last words of a build that ignores TERM', () => {
  it.each([
    [5, ['kill-trees-now at 2.5 s', 'report-end at 2.6 s', 'exit at 5 s']],
    [10, ['kill-trees-now at 5 s', 'report-end at 5.1 s', 'exit at 10 s']],
    [12, ['kill-trees-now at 6 s', 'report-end at 6.1 s', 'exit at 12 s']],
    [50, ['report-end at 10.1 s', 'exit at 50 s']],
  ])('are said in a stop budget of %d s', async (budget, expected) => {
    expect(await stopped(['sigterm'], budget, STUBBORN)).toEqual(expected);
    expect(await stopped(['spot'], budget, STUBBORN)).toEqual(expected);
  });

  it('are said when SIGTERM comes on top of another cause', async () => {
    const expected = ['kill-trees-now at 2.5 s', 'report-end at 2.6 s', 'exit at 5 s'];
    expect(await stopped(['limit-time', 'sigterm'], 5, STUBBORN)).toEqual(expected);
  });

  it('are said when its processes survive KILL', async () => {
    const immortal = { ...STUBBORN, diesAfter: Infinity };
    expect(await stopped(['sigterm'], 8, immortal)).toEqual([
      'kill-trees-now at 4 s',
      'kill-trees-now at 6 s',
      'report-end at 6 s',
      'exit at 8 s',
    ]);
  });

  it('are said when its last output has no end', async () => {
    const endless = { ...STUBBORN, drainsIn: Infinity };
    expect(await stopped(['sigterm'], 8, endless)).toEqual([
      'kill-trees-now at 4 s',
      'report-end at 6 s',
      'exit at 8 s',
    ]);
  });
});

it('a build that ends in time is not killed', async () => {
  const gentle = { endsAfter: 2, diesAfter: 0, drainsIn: 0 };
  expect(await stopped(['sigterm'], 5, gentle)).toEqual(['report-end at 2 s', 'exit at 5 s']);
});
