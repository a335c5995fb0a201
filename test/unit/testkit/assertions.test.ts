import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import '../../testkit/vitest.ts';
import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { BASIC_WIP, defineWip } from '../../../controlplane/tasks/kinds.ts';
import {
  assertEffectsOnce,
  assertElapsedLessThan,
  assertEndedWith,
  assertNotVisited,
  assertReleased,
  assertStarted,
  assertVisited,
} from '../../testkit/assertions.ts';
import { simulateTask } from '../../testkit/simulate-task.ts';
import { TestkitError } from '../../testkit/testkit-error.ts';
import { RESTORE_CHECK } from './restore-check.ts';

const run = await simulateTask(RESTORE_CHECK, {
  options: { dump: 'monday' },
  processes: { restore: { exitCode: 1, stderr: 'invalid header' } },
});

describe('an assertion that would say nothing is refused', () => {
  it.each<[string, () => void, string]>([
    ['of no states', () => assertVisited(run), 'Name at least one state'],
    ['of no states that were not visited', () => assertNotVisited(run), 'Name at least one state'],
    [
      'of a state that there is not',
      () => assertVisited(run, 'restor'),
      'has no state "restor"; perhaps "restore" is meant',
    ],
    [
      'of one that was not visited',
      () => assertNotVisited(run, 'finsh'),
      'has no state "finsh"; perhaps "finish" is meant',
    ],
    [
      'of a status that there is not',
      () => assertEndedWith(run, 'ERROR_USR' as never),
      'perhaps "ERROR_USER" is meant',
    ],
    [
      'of a message that is no text',
      () => assertEndedWith(run, 'ERROR_USER', 7 as never),
      'a text or a pattern, and not with 7',
    ],
    ['of a process without a name', () => assertStarted(run, ''), 'Name a process'],
    ['about a promise', () => assertVisited(Promise.resolve(run) as never, 'restore'), 'write "await" before'],
    ['about nothing', () => assertReleased(undefined as never), 'was given undefined'],
    ['about the time of nothing', () => assertElapsedLessThan(undefined as never, 1), 'was given undefined'],
    ['about the effects of nothing', () => assertEffectsOnce({} as never), 'was given an object'],
  ])('%s', (_what, act, sentence) => {
    expect(act).toThrow(TestkitError);
    expect(act).toThrow(sentence);
  });

  it('with a matcher, also the other way round', () => {
    expect(() => expect(run).not.toHaveVisited('restor')).toThrow('perhaps "restore" is meant');
    expect(() => expect(run).toHaveVisited()).toThrow('Name at least one state');
    expect(() => expect(run).not.toEndWith('COMPLETE' as never)).toThrow('perhaps "COMPLETED" is meant');
  });
});

it('a pattern with the flag g finds the same message each time', () => {
  const pattern = /invalid header/g;
  for (let time = 0; time < 3; time += 1) expect(run).toEndWith('ERROR_USER', pattern);
  assertEndedWith(run, 'ERROR_USER', pattern);
});

it('the last state and the containers of none can be asserted', async () => {
  const short = await simulateTask(BASIC_WIP);
  expect(short).toHaveVisited('start', 'finish');
  assertReleased(short);
  expect(short.container).toBeReleased();
});

describe('what a class does is told in its words', () => {
  const Options = z.strictObject({ mode: z.string(), count: z.number().default(1), password: z.string().optional() });

  class Reads extends BasicWip<z.infer<typeof Options>> {
    override get kind(): string {
      return 'Reads';
    }
    override start(context: WipContext): void {
      context.memory['read'] = String(context.secretOption(this.options.mode));
    }
  }
  const kind = defineWip({
    kind: 'Reads',
    version: 1,
    options: { schema: Options, sealed: ['password'] },
    create: (task) => new Reads(task),
  });

  it.each(['mode', 'count'])('secretOption of %s, which is not sealed, says where to read it', async (mode) => {
    const { exit } = await simulateTask(kind, { options: { mode } });
    expect(exit.detail).toBe(
      `In the state "start": secretOption: the option "${mode}" of a Reads task is not sealed. ` +
        `Read it as this.options.${mode}, or name it in options.sealed of the kind if it is secret.`,
    );
  });

  it('secretOption of a name that is misspelt says which is meant', async () => {
    expect((await simulateTask(kind, { options: { mode: 'pasword' } })).exit.detail).toContain(
      'secretOption: the option "pasword" of a Reads task is not sealed; perhaps "password" is meant. Correct the name, or',
    );
  });

  it('secretOption of one that was not given is undefined', async () => {
    expect((await simulateTask(kind, { options: { mode: 'password' } })).memory).toEqual({ read: 'undefined' });
    const given = await simulateTask(kind, { options: { mode: 'password', password: 'canary' } });
    expect(given.memory).toEqual({ read: 'canary' });
  });

  it('an exit that cleanUp sets does not change the end', async () => {
    class Late extends BasicWip {
      override get kind(): string {
        return 'Late';
      }
      override onFinish(context: WipContext): void {
        context.exit('WARNING', 'set by onFinish');
      }
      override cleanUp(context: WipContext): void {
        context.exit('ERROR_USER', 'set by cleanUp');
      }
    }
    const late = await simulateTask(
      defineWip({ kind: 'Late', version: 1, options: BASIC_OPTIONS, create: (task) => new Late(task) }),
    );
    expect(late).toEndWith('WARNING', 'set by onFinish');
    expect(late.logs.map(({ message }) => message)).toContain(
      'The hook cleanUp set an exit, which does not count: onFinish is the last that can.',
    );
  });
});

describe('an assertion about an end', () => {
  it('says of a task that ended without a message that it has none', async () => {
    const ended = await simulateTask(BASIC_WIP);
    expect(() => assertEndedWith(ended, 'ERROR_USER')).toThrow(
      'The task should end as ERROR_USER, and it ended as COMPLETED without a message.\n',
    );
    expect(() => assertEndedWith(run, 'WARNING')).toThrow(
      /should end as WARNING, and it ended as ERROR_USER: .*[^.]\.\n/,
    );
  });
});
