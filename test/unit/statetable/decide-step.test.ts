import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideStep } from '../../../controlplane/statetable/decide-step.ts';
import { parseStateTable } from '../../../controlplane/statetable/parse-table.ts';
import { clearTransitionCount, transitionCount, UNSTARTED } from '../../../controlplane/statetable/position.ts';
import { transcriptOf } from '../../../controlplane/statetable/recording.ts';
import { anyTable } from './any-table.ts';
import { drive, type DriveOptions, type Methods } from './drive.ts';

const TAIL = 'failure {\n * finish\n ! finish\n}\nterminate {\n * failure\n}\n';

function run(text: string, methods: Methods = {}, options: DriveOptions = {}): ReturnType<typeof drive> {
  return drive(parseStateTable(text), methods, options);
}

function throwsIn(state: string, message = 'boom'): Methods {
  return {
    enter: (entered) => {
      if (entered === state) throw new Error(message);
    },
  };
}

/** Returns a method that answers from a list. The last answer repeats. */
function answers(...values: unknown[]): NonNullable<Methods['ask']> {
  return () => (values.length > 1 ? values.shift() : values[0]);
}

describe('decideStep', () => {
  it('enters the start state, follows the rows and completes at finish', () => {
    const { entered, complete, logLines, waits } = run(`a:m {\n ok b wait=5\n * a\n}\nb {\n * finish\n}\n${TAIL}`, {
      ask: answers('ok'),
    });
    expect(entered).toEqual(['a', 'b', 'finish']);
    expect(waits).toEqual([0, 5]);
    expect(logLines).toEqual(['[a] -> {ok} -> [b]', '[b] -> {*} -> [finish]']);
    expect(complete).toEqual({ kind: 'complete', exit: null });
  });

  it('never asks for an emptyTransition', () => {
    expect(run('a {\n * finish\n}').asked).toEqual([]);
  });

  it('logs nothing for a self loop and names the value that took the star', () => {
    const { logLines } = run('a:m {\n again a\n * finish\n}', { ask: answers('again', 'late') });
    expect(logLines).toEqual(['[a] -> {*[late]} -> [finish]']);
  });

  it('hands the causing error to the state that takes care of it', () => {
    const { causes } = run(`a {\n * b\n ! c\n}\nb {\n * finish\n}\nc {\n * finish\n}\n${TAIL}`, throwsIn('b'));
    expect(causes[2]).toEqual({ kind: 'state-threw', state: 'b', message: 'boom', earlier: null });
  });

  it('hands both errors to failure when the way of an error fails', () => {
    const methods: Methods = {
      enter: (state) => {
        if (state === 'b' || state === 'c') throw new Error(`${state} broke`);
      },
    };
    const { entered, causes } = run(`a {\n * b\n ! c\n}\nb {\n * finish\n}\nc {\n * finish\n}\n${TAIL}`, methods);
    expect(entered.slice(0, 4)).toEqual(['a', 'b', 'c', 'failure']);
    expect(causes[3]).toMatchObject({ message: 'c broke', earlier: { message: 'b broke', earlier: null } });
  });

  it('goes the ! row of the current state when a transition method throws or gives no string', () => {
    const table = `a:m {\n ok finish\n ! b wait=3\n}\nb {\n * finish\n}\n${TAIL}`;
    const ask = (): never => {
      throw new Error('no');
    };
    const thrown = run(table, { ask });
    expect(thrown.entered).toEqual(['a', 'b', 'finish']);
    for (const value of [undefined, null, 5, true, {}]) {
      expect(run(table, { ask: () => value }).entered).toEqual(['a', 'b', 'finish']);
    }
  });

  it('ends the task with ERROR_SYSTEM and the messages when failure fails', () => {
    const methods: Methods = {
      enter: (state) => {
        if (state !== 'finish') throw new Error(`${state} broke`);
      },
    };
    expect(run(`a {\n * finish\n}\n${TAIL}`, methods).complete?.exit).toEqual({
      status: 'ERROR_SYSTEM',
      message: 'failure broke; before that: a broke',
    });
  });

  it('ends the task when leaving failure fails and it has no ! row', () => {
    const failing = 'a:m {\n ok finish\n}\nfailure {\n * b\n}\nb {\n * finish\n}\n';
    const { entered, complete } = run(failing, { ask: answers('!'), ...throwsIn('b') });
    expect(entered).toEqual(['a', 'failure', 'b']);
    expect(complete?.exit).toMatchObject({ status: 'ERROR_SYSTEM' });
  });

  it('does not run failure for ever when no row of it covers its own answer', () => {
    const { complete, entered } = run('a:m {\n ok finish\n}\nfailure {\n}\n', { ask: answers('!') }, { steps: 1000 });
    expect(complete?.exit?.message).toContain('Transition from state "failure" with value "" not found.');
    expect(entered.filter((state) => state === 'failure')).toHaveLength(101);
  });

  it('ends the task with the message when there is no failure block', () => {
    expect(run('a {\n * b\n}\nb {\n}\n').complete?.exit).toEqual({
      status: 'ERROR_SYSTEM',
      message: 'Transition from state "b" with value "" not found.',
    });
    expect(run('a {\n * ghost\n}\n').complete?.exit?.message).toBe('There is no transition block for state "ghost".');
    expect(run('a:m {\n}\n', { ask: answers('!') }).complete?.exit?.message).toContain('has no block "failure"');
  });

  it('counts a row although its target throws', () => {
    const { position, entered } = run(
      `a:m {\n go b max=2\n ! a\n}\nb {\n}\n${TAIL}`,
      {
        ask: answers('go', 'go', 'go', '!'),
        ...throwsIn('b'),
      },
      { steps: 5 },
    );
    expect(entered.filter((state) => state === 'b')).toHaveLength(2);
    expect(transitionCount(position, 'a', 'go')).toBe(2);
  });

  it('lets a cleared row be taken max times again, and says whether there is such a row', () => {
    const table = parseStateTable(`a:m {\n again a max=1\n}\n${TAIL}`);
    const { position } = drive(table, { ask: answers('again') }, { steps: 2 });
    expect(transitionCount(position, 'a', 'again')).toBe(1);
    const cleared = clearTransitionCount(position, table, 'a', 'again');
    expect(cleared.cleared).toBe(true);
    expect(transitionCount(cleared.position, 'a', 'again')).toBe(0);
    expect(clearTransitionCount(position, table, 'a', 'nope')).toEqual({ position, cleared: false });
    expect(clearTransitionCount(position, table, 'ghost', 'again').cleared).toBe(false);
  });

  it('repeats the same entry after a crash, and begins no other step before it is done', () => {
    const table = parseStateTable(`a {\n * finish\n}\n${TAIL}`);
    const first = decideStep(table, UNSTARTED, { kind: 'begin', terminateRequested: false, wake: 'due' });
    const again = decideStep(table, first.position, { kind: 'begin', terminateRequested: true, wake: 'early' });
    expect(again.instruction).toEqual(first.instruction);
    expect(again.position).toEqual(first.position);
  });

  it('raises entry with each executed entry and never goes back', () => {
    const { position } = run(
      'a:m {\n wait a wait=5 exec=false\n go a\n}',
      { ask: answers('wait', 'go') },
      { steps: 3 },
    );
    expect(position.entry).toBe(2);
  });

  it('refuses an answer to a question that was not asked', () => {
    const table = parseStateTable('a {\n * finish\n}');
    expect(() => decideStep(table, UNSTARTED, { kind: 'answered', value: 'ok' })).toThrow(
      'no transition method was asked',
    );
    expect(() => decideStep(table, UNSTARTED, { kind: 'entered' })).toThrow('none was being entered');
  });

  it('moves nothing once a task is complete', () => {
    const table = parseStateTable('a {\n * finish\n}');
    const { position } = drive(table);
    const after = decideStep(table, position, { kind: 'begin', terminateRequested: true, wake: 'due' });
    expect(after).toMatchObject({ position, instruction: { kind: 'complete', exit: null }, recorded: null });
  });
});

describe('a request to terminate', () => {
  it('enters the terminate block without asking, once', () => {
    const text = `a:m {\n again a\n}\nterminate:m {\n more terminate exec=false wait=1\n * finish\n}\n`;
    const { entered, recording } = run(text, { ask: answers('again', 'more', 'done') }, { terminateAt: 2 });
    expect(entered).toEqual(['a', 'a', 'terminate', 'finish']);
    expect(transcriptOf(recording)).toBe(
      "a => 'again' => a\na => 'terminateRequested' => terminate\nterminate => 'more' => [terminate]\nterminate => 'done' => finish",
    );
  });

  it('calls the method terminate before the start and ends TERMINATED, even if that throws', () => {
    for (const methods of [{}, throwsIn('terminate')]) {
      const { entered, complete, position, recording } = run(`a {\n * finish\n}\n${TAIL}`, methods, { terminateAt: 0 });
      expect(entered).toEqual(['terminate']);
      // Recorded, so that a node that takes over can say that it ran the method again.
      expect(recording).toMatchObject([{ from: null, to: 'terminate', executed: true }]);
      expect(position.state).toBeNull();
      expect(complete?.exit?.status).toBe('TERMINATED');
    }
  });

  it('goes to failure without a terminate block, told that it is a termination', () => {
    const table = parseStateTable('a {\n * a\n}\nfailure {\n * finish\n}\n');
    const { position } = drive(table, {}, { steps: 1 });
    const decision = decideStep(table, position, { kind: 'begin', terminateRequested: true, wake: 'due' });
    expect(decision.instruction).toMatchObject({ kind: 'enter', state: 'failure', exit: { status: 'TERMINATED' } });
  });

  it('completes at once when there is neither block', () => {
    const { complete, entered } = run('a {\n * a\n}\n', {}, { terminateAt: 2 });
    expect(entered).toEqual(['a', 'a']);
    expect(complete?.exit?.status).toBe('TERMINATED');
  });

  it('goes the ! of the state that was left when terminate throws', () => {
    const text = `a:m {\n again a\n ! tidy\n}\ntidy {\n * finish\n}\n${TAIL}`;
    const { entered } = run(text, { ask: answers('again'), ...throwsIn('terminate') }, { terminateAt: 1 });
    expect(entered).toEqual(['a', 'terminate', 'tidy', 'finish']);
  });
});

describe('a wait that a signal cuts short', () => {
  const table = 'a:m {\n wait a wait=30 max=2 exec=false\n slow a wait=60 exec=false\n done finish\n}\n';
  const early = (step: number): 'due' | 'early' => (step >= 2 ? 'early' : 'due');

  it('goes on, uncounted, when the answer is still the same', () => {
    const { waits, position } = run(table, { ask: answers('wait') }, { steps: 20, wake: early });
    expect(waits.slice(0, 4)).toEqual([0, 30, 'keep', 'keep']);
    expect(transitionCount(position, 'a', 'wait')).toBe(1);
  });

  it('is over when the answer is another', () => {
    const { waits, complete } = run(table, { ask: answers('wait', 'slow', 'done') }, { wake: early });
    expect(waits).toEqual([0, 30, 60]);
    expect(complete).not.toBeNull();
  });

  it('counts when it was waited to its end', () => {
    const { position } = run(table, { ask: answers('wait') }, { steps: 3 });
    expect(transitionCount(position, 'a', 'wait')).toBe(2);
  });
});

describe('any table with any methods', () => {
  /** Generates one behaviour of a method: its answer, or null when it throws. */
  const behaviour = fc.constantFrom('ok', 'wait', '', '!', '404', '*', 'x:y', 'unknown', '__proto__', 5, null);
  const scenario = fc.record({
    table: anyTable(),
    answers: fc.array(behaviour, { minLength: 1, maxLength: 20 }),
    states: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
    terminateAt: fc.option(fc.nat(20), { nil: undefined }),
    early: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  });

  function driveScenario({
    table,
    answers: list,
    states,
    terminateAt,
    early,
  }: typeof scenario extends fc.Arbitrary<infer S> ? S : never): ReturnType<typeof drive> {
    let asked = 0;
    let entered = 0;
    return drive(
      table,
      {
        ask: () => {
          const value = list[asked++ % list.length];
          if (value === null) throw new Error('asked badly');
          return value;
        },
        enter: () => {
          if (states[entered++ % states.length]) throw new Error('entered badly');
        },
      },
      {
        steps: 40,
        ...(terminateAt === undefined ? {} : { terminateAt }),
        wake: (step) => (early[step % early.length] ? 'early' : 'due'),
      },
    );
  }

  it('never takes a row more often than its max', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { position } = driveScenario(given);
        for (const { name, transitions } of given.table.states) {
          for (const row of transitions) {
            if (row.max > 0) expect(transitionCount(position, name, row.value)).toBeLessThanOrEqual(row.max);
          }
        }
      }),
    );
  });

  it('is final at finish, and every step follows the one before', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { recording, complete, position } = driveScenario(given);
        const finished = recording.findIndex((step) => step.to === 'finish');
        if (finished >= 0) expect(finished).toBe(recording.length - 1);
        if (finished >= 0) expect(complete).toEqual({ kind: 'complete', exit: null });
        for (let at = 1; at < recording.length; at += 1) expect(recording[at]!.from).toBe(recording[at - 1]!.to);
        expect(position.entering).toBeNull();
      }),
    );
  });

  it('gives the same answer to the same values', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        expect(driveScenario(given)).toEqual(driveScenario(given));
      }),
    );
  });
});
