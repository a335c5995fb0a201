import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideLifecycle,
  FIRST_STATE,
  type Lifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
} from '../../../agent/lifecycle/decide-lifecycle.ts';
import { STOP_EXIT_CODE } from '../../../agent/lifecycle/exit-codes.ts';
import { stopSentence, type StopFigures } from '../../../agent/lifecycle/stop-sentence.ts';
import { stopSubject } from '../../../agent/lifecycle/stop-subject.ts';
import { StopCause } from '../../../shared/model/stop-cause.ts';

const STOPPING = { phase: 'stopping', wasReady: true, causes: ['shutdown-file'] } as const;
const STATES = {
  'booting, not enrolled': FIRST_STATE,
  'booting, enrolled': { phase: 'booting', enrolled: true },
  ready: { phase: 'ready' },
  enrolling: { phase: 'stopping', step: 'enrolling', wasReady: false, causes: ['shutdown-file'] },
  ending: { ...STOPPING, step: 'ending' },
  draining: { ...STOPPING, step: 'draining' },
  delivering: { ...STOPPING, step: 'delivering' },
  gone: { phase: 'gone', exitCode: 0 },
} as const satisfies Record<string, Lifecycle>;

const EVENTS = {
  enrolled: { kind: 'enrolled' },
  'enrolment-is-late': { kind: 'enrolment-is-late' },
  booted: { kind: 'booted' },
  'stop: shutdown-file': { kind: 'stop', cause: 'shutdown-file' },
  'stop: limit-disk': { kind: 'stop', cause: 'limit-disk' },
  'stop: sigterm': { kind: 'stop', cause: 'sigterm' },
  'stop: enrolment-void': { kind: 'stop', cause: 'enrolment-void' },
  'trees-gone': { kind: 'trees-gone' },
  drained: { kind: 'drained' },
  delivered: { kind: 'delivered' },
  'grace-is-over': { kind: 'grace-is-over' },
  'report-is-due': { kind: 'report-is-due' },
  'time-is-up': { kind: 'time-is-up' },
} as const satisfies Record<string, LifecycleEvent>;

/** Formats a decision as `phase[/step][ causes]: effects`, short enough for a table. `-` means that nothing happens. */
function summary(state: Lifecycle, event: LifecycleEvent): string {
  const decision = decideLifecycle(state, event);
  if (decision.state === state && decision.effects.length === 0) return '-';
  const { state: next } = decision;
  const where = next.phase === 'stopping' ? `${next.step} ${next.causes.join('+')}` : next.phase;
  return [where, ...decision.effects.map(effectName)].join(' > ');
}

function effectName(effect: LifecycleEffect): string {
  if (effect.kind === 'end-trees') return `end-trees ${effect.graceSeconds}`;
  if (effect.kind === 'start-budget') return effect.budget;
  return effect.kind === 'exit' ? `exit ${effect.exitCode}` : effect.kind;
}

const TABLE: Record<keyof typeof STATES, Partial<Record<keyof typeof EVENTS, string>>> = {
  'booting, not enrolled': {
    enrolled: 'booting',
    booted: 'ready > announce-ready',
    'stop: shutdown-file': 'enrolling shutdown-file > hurry-enrolment',
    'stop: limit-disk': 'enrolling limit-disk > hurry-enrolment',
    'stop: sigterm': 'enrolling sigterm > stop-budget > hurry-enrolment',
    'stop: enrolment-void': 'gone > exit 77',
  },
  'booting, enrolled': {
    enrolled: 'booting',
    booted: 'ready > announce-ready',
    'stop: shutdown-file': 'ending shutdown-file > freeze-sessions > end-trees 4',
    'stop: limit-disk': 'ending limit-disk > freeze-sessions > end-trees 0',
    'stop: enrolment-void': 'ending enrolment-void > freeze-sessions > end-trees 4',
    'stop: sigterm': 'ending sigterm > freeze-sessions > stop-budget > end-trees 10',
  },
  ready: {
    'stop: shutdown-file': 'ending shutdown-file > freeze-sessions > end-trees 4',
    'stop: limit-disk': 'ending limit-disk > freeze-sessions > end-trees 0',
    'stop: enrolment-void': 'ending enrolment-void > freeze-sessions > end-trees 4',
    'stop: sigterm': 'ending sigterm > freeze-sessions > stop-budget > end-trees 10',
  },
  enrolling: {
    enrolled: 'delivering shutdown-file > report-end > last-words',
    'enrolment-is-late': 'gone > exit 0',
    'stop: limit-disk': 'enrolling shutdown-file+limit-disk',
    'stop: sigterm': 'enrolling shutdown-file+sigterm > stop-budget',
    'stop: enrolment-void': 'gone > exit 0',
    'time-is-up': 'gone > exit 0',
  },
  ending: {
    'stop: limit-disk': 'ending shutdown-file+limit-disk > kill-trees-now',
    'stop: enrolment-void': 'ending shutdown-file+enrolment-void',
    'stop: sigterm': 'ending shutdown-file+sigterm > stop-budget',
    'trees-gone': 'draining shutdown-file > drain',
    'grace-is-over': 'ending shutdown-file > kill-trees-now',
    'report-is-due': 'delivering shutdown-file > kill-trees-now > report-end > last-words',
    'time-is-up': 'gone > exit 0',
  },
  draining: {
    'stop: limit-disk': 'draining shutdown-file+limit-disk',
    'stop: enrolment-void': 'draining shutdown-file+enrolment-void',
    'stop: sigterm': 'draining shutdown-file+sigterm > stop-budget',
    drained: 'delivering shutdown-file > report-end > last-words',
    'report-is-due': 'delivering shutdown-file > report-end > last-words',
    'time-is-up': 'gone > exit 0',
  },
  delivering: {
    'stop: limit-disk': 'delivering shutdown-file+limit-disk',
    'stop: enrolment-void': 'delivering shutdown-file+enrolment-void',
    'stop: sigterm': 'delivering shutdown-file+sigterm > stop-budget',
    delivered: 'gone > exit 0',
    'time-is-up': 'gone > exit 0',
  },
  gone: {},
};

describe('decideLifecycle', () => {
  for (const [stateName, state] of Object.entries(STATES) as [keyof typeof STATES, Lifecycle][]) {
    it.each(Object.entries(EVENTS) as [keyof typeof EVENTS, LifecycleEvent][])(
      `${stateName}: %s`,
      (eventName, event) => {
        expect(summary(state, event)).toBe(TABLE[stateName][eventName] ?? '-');
      },
    );
  }

  it('reports nothing for a container that the control plane has given up', () => {
    const state: Lifecycle = { phase: 'stopping', step: 'draining', wasReady: true, causes: ['enrolment-void'] };
    expect(summary(state, { kind: 'drained' })).toBe('gone > exit 77');
  });

  const anyEvent = fc.constantFrom<LifecycleEvent>(
    ...Object.values(EVENTS),
    ...StopCause.options.map((cause) => ({ kind: 'stop', cause }) as const),
  );

  it('says ready, the end and exit at most once, in this order, and exits with the code of the first cause', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        let state: Lifecycle = FIRST_STATE;
        const effects: LifecycleEffect[] = [];
        for (const event of events) {
          const decision = decideLifecycle(state, event);
          ({ state } = decision);
          effects.push(...decision.effects);
        }
        const said = effects
          .map((effect) => effect.kind)
          .filter((kind) => ['announce-ready', 'report-end', 'exit'].includes(kind));
        expect(said).toEqual(['announce-ready', 'report-end', 'exit'].filter((kind) => said.includes(kind as never)));
        const firstCause = events.find((event) => event.kind === 'stop')?.cause;
        const exit = effects.find((effect) => effect.kind === 'exit');
        if (exit) expect(exit.exitCode).toBe(STOP_EXIT_CODE[firstCause ?? 'internal']);
      }),
    );
  });

  it('ends whatever comes, once trees, output and delivery are through', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), fc.constantFrom(...StopCause.options), (events, cause) => {
        const all: LifecycleEvent[] = [
          ...events,
          { kind: 'stop', cause },
          { kind: 'enrolled' },
          { kind: 'trees-gone' },
          { kind: 'drained' },
          { kind: 'delivered' },
        ];
        const end = all.reduce<Lifecycle>((state, event) => decideLifecycle(state, event).state, FIRST_STATE);
        expect(end.phase).toBe('gone');
      }),
    );
  });
});

describe('the process that a verdict is about', () => {
  const stuck = { key: 'stuck', secondsSinceProgress: 600 };
  const busy = { key: 'busy', secondsSinceProgress: 0 };

  it('is the one without progress, and not an innocent one that started later', () => {
    expect(stopSubject('no-progress', [stuck, busy])).toEqual({ kind: 'process', process: stuck });
    expect(stopSubject('no-progress', [busy, stuck])).toEqual({ kind: 'process', process: stuck });
  });

  it('is not known where several could have filled the disk', () => {
    for (const cause of ['limit-disk', 'limit-inodes'] as const) {
      expect(stopSubject(cause, [stuck, busy])).toEqual({ kind: 'unknown', among: [stuck, busy] });
      expect(stopSubject(cause, [busy])).toEqual({ kind: 'process', process: busy });
    }
  });

  it('is the newest for causes that are about the whole container, and none where none runs', () => {
    expect(stopSubject('sigterm', [stuck, busy])).toEqual({ kind: 'process', process: busy });
    for (const cause of StopCause.options) expect(stopSubject(cause, [])).toEqual({ kind: 'none' });
  });
});

describe('endSentence', () => {
  const figures: StopFigures = {
    ranSeconds: 3_600.2,
    maxTimeSeconds: 3_600,
    workloadBytes: 10_400_000_000,
    maxWorkloadBytes: 10_000_000_000,
    initialBytes: 1_730_000_000,
    inodes: 11,
    maxInodes: 10,
    freeBytes: 50_000_000,
    fullest: { freeAtStartBytes: 190_000_000, workloadBytes: 140_000_000, outputBytes: 0 },
    lackingInodes: null,
    noProgressSeconds: 600,
    running: ['build'],
    detail: 'the watch broke',
  };

  it.each([
    [
      'limit-disk',
      'The disk limit was exceeded: the build used 10.4 GB of 10.0 GB; the container itself used 1.7 GB at start.',
    ],
    ['limit-time', 'The time limit was exceeded: the container ran for 3600.2 s of 3600 s.'],
    ['limit-inodes', 'The limit of files was exceeded: the build made 11 of 10 files.'],
    [
      'host-disk-pressure',
      'The disk of the machine is nearly full: 0.05 GB are free. The build is not to blame; start it again.',
    ],
    ['internal', 'The container agent failed: the watch broke.'],
  ] as const)('%s says the figures', (cause, sentence) => {
    expect(stopSentence(cause, figures)).toBe(sentence);
  });

  it('says of a disk that the build has filled how much was there and who took it', () => {
    const filled = { ...figures, workloadBytes: 140_000_000 };
    expect(stopSentence('limit-disk', filled)).toBe(
      'The disk is full, and the build filled it: it used 0.14 GB of the 0.19 GB that were free at its start, and 0.05 GB are left; its limit is 10.0 GB.',
    );
    const fullest = { freeAtStartBytes: 190_000_000, workloadBytes: 20_000_000, outputBytes: 120_000_000 };
    expect(stopSentence('limit-disk', { ...filled, workloadBytes: 20_000_000, fullest })).toContain(
      'it used 0.02 GB and its output 0.12 GB of the 0.19 GB that were free',
    );
  });

  it('says of a disk without inodes that they are what is missing, and not space', () => {
    const lackingInodes = { free: 3, freeAtStart: 12_000, workload: 11_990 };
    const lacking = { ...figures, inodes: 11_990, maxInodes: 0, freeBytes: 900_000_000, lackingInodes };
    expect(stopSentence('limit-inodes', lacking)).toBe(
      'The disk has no inodes left, and the build used them: it made 11990 of the 12000 files that the disk had room for at its start, and 3 more can be made. Space is not what is missing: 0.9 GB are free.',
    );
    expect(stopSentence('host-disk-pressure', lacking)).toBe(
      'The disk of the machine has no inodes left: 3 more files can be made on it, although 0.9 GB are free. The build is not to blame; start it again.',
    );
    expect(stopSentence('limit-inodes', { ...lacking, maxInodes: 10 })).toContain('made 11990 of 10 files.');
  });

  it('names the process without progress where several run, and says where it is not known who filled the disk', () => {
    const several = { ...figures, running: ['stuck', 'busy'] };
    expect(stopSentence('no-progress', several)).toContain('no progress for 10 min in its process stuck: no output');
    expect(stopSentence('no-progress', figures)).toContain('no progress for 10 min: no output');
    const unknown = 'Several of its processes were running (stuck, busy), and it is not known which of them it was.';
    for (const cause of ['limit-disk', 'limit-inodes'] as const) {
      expect(stopSentence(cause, several)).toContain(`. ${unknown}`);
      expect(stopSentence(cause, figures)).not.toContain('not known');
    }
  });

  it.each([
    [1_030_000_000, 1_020_000_000, 'the build used 1.03 GB of 1.02 GB;'],
    [10_000_300_000, 10_000_000_000, 'the build used 10.0003 GB of 10.0 GB;'],
    [53_100_000, 52_900_000, 'the build used 0.0531 GB of 0.0529 GB;'],
    [1_200, 1_000, 'the build used 0.0000012 GB of 0.000001 GB;'],
  ])('never says that a build used 1.0 GB of 1.0 GB: %d bytes of %d', (workloadBytes, maxWorkloadBytes, expected) => {
    expect(stopSentence('limit-disk', { ...figures, workloadBytes, maxWorkloadBytes })).toContain(expected);
  });

  it.each([
    [1.528, 1.5, '1.53 s of 1.5 s.'],
    [1.5004, 1.5, '1.5004 s of 1.5 s.'],
    [62, 60, '1 min 2 s of 1 min.'],
  ])('never says that a container ran for 2 s of 1.5 s: %d s of %d s', (ranSeconds, maxTimeSeconds, expected) => {
    expect(stopSentence('limit-time', { ...figures, ranSeconds, maxTimeSeconds })).toContain(`ran for ${expected}`);
  });

  it('ends with one full stop, also when what failed is told in sentences', () => {
    const detail = '"x" is not a key. Give another.';
    expect(stopSentence('internal', { ...figures, detail })).toMatch(/ another\.$/);
    expect(stopSentence('internal', { ...figures, detail })).not.toContain('..');
  });

  it('says that a figure is unknown instead of 0', () => {
    const unknown = stopSentence('limit-disk', { ...figures, workloadBytes: null, initialBytes: null });
    expect(unknown).toBe('The disk limit was exceeded: the build used an unknown amount of 10.0 GB.');
  });

  it('has one for every cause', () => {
    for (const cause of StopCause.options) expect(stopSentence(cause, figures)).toMatch(/\.$/);
  });
});
