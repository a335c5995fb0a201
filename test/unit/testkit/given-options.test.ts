import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BASIC_OPTIONS, BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import { BASIC_WIP, defineWip } from '../../../controlplane/tasks/kinds.ts';
import { assertElapsedLessThan, assertReleased } from '../../testkit/assertions.ts';
import { simulateMany, simulateSeed } from '../../testkit/simulate-many.ts';
import { simulateScript, simulateTask } from '../../testkit/simulate-task.ts';
import { TestkitError } from '../../testkit/testkit-error.ts';
import { RESTORE_CHECK, RestoreCheck } from './restore-check.ts';

const options = { dump: 'monday.sql.gz' };

/** Returns the sentence with which the test kit refuses. */
async function refusal(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof TestkitError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('simulateTask refuses', () => {
  it.each<[string, unknown, string]>([
    ['a start that is an invalid date, instead of hanging', { start: new Date('2026-13-01') }, 'start: must be a Date'],
    ['a start that is text', { start: '2026-01-01' }, 'start: must be a Date from 1970 to 9999, and is "2026-01-01"'],
    ['a start at which no time passes any more', { start: new Date(8.64e15) }, 'start: must be a Date from 1970'],
    ['no steps at all', { maxSteps: 0 }, 'maxSteps: must be at least 1, and is 0'],
    ['steps that are no number', { maxSteps: NaN }, 'maxSteps: must be a number, and is NaN'],
    ['steps without an end', { maxSteps: Infinity }, 'maxSteps: must be'],
    ['half a step', { maxSteps: 1.5 }, 'maxSteps: must be a whole number, and is 1.5'],
    ['a misspelt option', { maxStep: 5 }, 'maxStep: is not known; perhaps "maxSteps" is meant'],
    [
      'an option that nothing is like',
      { clock: 1 },
      'clock: is not known; there are kinds, settings, decryptBuildValue',
    ],
    [
      'a misspelt setting',
      { settings: { startSecond: 1 } },
      'settings.startSecond: is not known; perhaps "startSeconds"',
    ],
    [
      'a setting of another type',
      { settings: { startSeconds: '1' } },
      'settings.startSeconds: must be a number, and is "1"',
    ],
    ['what opens no value', { decryptBuildValue: 'x' }, 'decryptBuildValue: must be a function'],
    ['a kind that is none', { kinds: [{}] }, 'The kind of task is an object: give what defineWip returns'],
    [
      'a kind that has the name of another',
      { kinds: [defineWip({ ...BASIC_WIP })] },
      'kinds: "BasicWip" is the name of one',
    ],
    [
      'a date in place of its options',
      new Date(0),
      'The options of the simulation are not valid: it is an object of the class Date',
    ],
    ['settings that are a Map', { settings: new Map() }, 'settings: is an object of the class Map'],
    ['settings that are yet to come', { settings: Promise.resolve({}) }, 'settings: is an object of the class Promise'],
    ['options that are none', null, 'The options of the simulation are not valid: must be an object'],
  ])('%s', async (_what, world, sentence) => {
    expect(await refusal(() => simulateTask(RESTORE_CHECK, { options }, world as never))).toContain(sentence);
  });

  it.each<[string, unknown, string]>([
    [
      'a misspelt part',
      { proceses: {} },
      'The script is not valid: proceses: is not known; perhaps "processes" is meant',
    ],
    [
      'a misspelt field of a process',
      { processes: { a: { runFor: 1 } } },
      'processes.a.runFor: is not known; perhaps "runsFor"',
    ],
    [
      'one in a list',
      { processes: { a: [{ exitcode: 1 }] } },
      'processes.a.0.exitcode: is not known; perhaps "exitCode"',
    ],
    [
      'a misspelt field of a container',
      { containers: [{ diesafter: 1 }] },
      'containers.0.diesafter: is not known; perhaps "diesAfter"',
    ],
    [
      'a time before the start',
      { processes: { a: { runsFor: -3 } } },
      'processes.a.runsFor: -3 is no duration: write seconds',
    ],
    ['a time that is no number', { processes: { a: { runsFor: NaN } } }, 'processes.a.runsFor: NaN is no duration'],
    [
      'a time that never comes',
      { maxRunTime: 1e15 },
      'maxRunTime: 1000000000000000 is no duration: write seconds from 0 to',
    ],
    ['a word that would do', { processes: { a: { runsFor: 'for ever' } } }, '"for ever" is no duration: write seconds'],
    [
      'an exit code that is none',
      { processes: { a: { exitCode: 256 } } },
      'processes.a.exitCode: must be at most 255, and is 256',
    ],
    [
      'a signal that there is not',
      { processes: { a: { killedBy: 'SIGFOO' } } },
      'killedBy: must be the name of a signal that ends a process, such as',
    ],
    [
      'a process that ends in two ways',
      { processes: { restore: { exitCode: 2, killedBy: 'SIGKILL' } } },
      'processes.restore.killedBy: is "SIGKILL", and exitCode is 2: a process ends in one way; give only one of exitCode, killedBy',
    ],
    [
      'a second start that ends in two ways',
      { processes: { restore: [{}, { exitCode: 0, cannotStart: true }] } },
      'processes.restore.1.cannotStart: is true, and exitCode is 0: a process ends in one way; give only one of exitCode, cannotStart',
    ],
    [
      'a child that has ended and has not',
      { children: { scan: { exitStatus: 'NOT_FINISHED' } } },
      'children.scan.exitStatus: must be one of WARNING, ERROR_SYSTEM, TERMINATED, COMPLETED, ERROR_USER, and is',
    ],
    ['a container that is a Map', { container: new Map() }, 'container: is an object of the class Map'],
    [
      'an end that is a Date',
      { containers: [{ end: new Date(0) }] },
      'containers.0.end: is an object of the class Date',
    ],
    ['a process that is a Set', { processes: { a: new Set() } }, 'processes.a: is an object of the class Set'],
    ['options of a class', { options: new Map() }, 'options: is an object of the class Map'],
    ['a list in place of an object', { options: [] }, 'options: must be an object, and is a list'],
    ['a script that is text', 'x', 'The script is not valid: must be an object, and is "x"'],
  ])('a script with %s', async (_what, script, sentence) => {
    const given = typeof script === 'object' ? { options, ...script } : script;
    expect(await refusal(() => simulateScript(RESTORE_CHECK, given as never))).toContain(sentence);
  });

  it('a time, and says which word would do', async () => {
    const words = await refusal(() =>
      simulateScript(RESTORE_CHECK, { options, container: { readyAfter: 'nie' } } as never),
    );
    expect(words).toContain('or "25 s", "3 m", "1 h 30 m", or "never"');
    const run = await simulateTask(BASIC_WIP);
    expect(await refusal(() => assertElapsedLessThan(run, '4 lightyears'))).toContain('"4 lightyears" is no duration');
  });

  it('what is no run, in an assertion about one', () => {
    for (const given of ['x', 7, undefined, {}, Promise.resolve()])
      expect(() => assertReleased(given as never)).toThrow(/^An assertion is about a run, and was given /);
  });

  it('no base that says how a process ends, when a drawn script says it as well', async () => {
    const script = { options, processes: { restore: { killedBy: 'SIGKILL' } } } as const;
    const { runs } = await simulateMany(RESTORE_CHECK, { script, runs: 20, model: { processFails: 1 } });
    expect(runs).toBe(20);
  });

  it('a class in place of its kind, and nothing at all', async () => {
    expect(await refusal(() => simulateTask(RestoreCheck as never))).toBe(
      'The kind of task is the class RestoreCheck: give what defineWip returns for its class',
    );
    expect(await refusal(() => simulateTask(undefined as never))).toContain('The kind of task is undefined');
  });

  it('a kind that no node takes, in the words of the node', async () => {
    class Stuck extends BasicWip {
      override get kind(): string {
        return 'Stuck';
      }
      override getStateTable(): string {
        return super.getStateTable().replace('* finish', '* nowhere');
      }
    }
    const stuck = defineWip({ kind: 'Stuck', version: 1, options: BASIC_OPTIONS, create: (task) => new Stuck(task) });
    await expect(simulateTask(stuck)).rejects.toMatchObject({
      code: 'KIND_INVALID',
      message: expect.stringContaining('The kind of task "Stuck" is refused: line '),
    });
    await expect(simulateTask(stuck)).rejects.toThrow(
      'leads to "nowhere", which has no block (write a block of that name, or correct the name) [missing-block]',
    );
    const misspelt = defineWip({
      ...RESTORE_CHECK,
      options: { ...RESTORE_CHECK.options, sealed: ['pasword'] },
    });
    await expect(simulateTask(misspelt, { options })).rejects.toThrow(
      /there is no option "pasword"; perhaps "password"/,
    );
    await expect(simulateTask(BASIC_WIP, {}, { kinds: [misspelt] })).rejects.toThrow(/there is no option "pasword"/);
  });
});

describe('simulateMany refuses', () => {
  const many = (given: object): Promise<string> =>
    refusal(() => simulateMany(RESTORE_CHECK, { script: { options }, runs: 2, ...given } as never));

  it.each<[string, object, string]>([
    ['no runs', { runs: 0 }, 'The options of simulateMany are not valid: runs: must be at least 1, and is 0'],
    ['fewer than no runs', { runs: -1 }, 'runs: must be at least 1, and is -1'],
    ['runs that are text', { runs: '10' }, 'runs: must be a number, and is "10"'],
    ['half a seed', { seed: 1.5 }, 'seed: must be a whole number, and is 1.5'],
    ['a misspelt option', { sead: 1 }, 'sead: is not known; perhaps "seed" is meant'],
    [
      'a misspelt ratio',
      { model: { containerDie: 1 } },
      'model.containerDie: is not known; perhaps "containerDies" is meant',
    ],
    ['a ratio above 1', { model: { containerDies: 2 } }, 'model.containerDies: must be at most 1, and is 2'],
    [
      'a range from its end',
      { model: { readyAfter: [60, 2] } },
      'model.readyAfter: must be the shorter duration and then',
    ],
    [
      'ratios of a state that there is not',
      { model: { processes: { restor: {} } } },
      'the table has no state "restor"; perhaps "restore"',
    ],
    ['a condition that is none', { holds: 'yes' }, 'holds: must be a function'],
    [
      'a misspelt option of the simulation',
      { world: { maxStep: 1 } },
      'maxStep: is not known; perhaps "maxSteps" is meant',
    ],
    ['a misspelt script', { script: { options, proceses: {} } }, 'The script is not valid: proceses: is not known'],
  ])('%s', async (_what, given, sentence) => {
    expect(await many(given)).toContain(sentence);
  });

  it('no seed for one run', async () => {
    expect(await refusal(() => simulateSeed(RESTORE_CHECK, { script: { options } } as never))).toContain(
      'seed: is missing',
    );
  });
});

describe('many simulated runs', () => {
  it.each<[string, () => Promise<boolean | void>, string]>([
    ['answers later that it does not hold', () => Promise.resolve(false), 'the condition does not hold'],
    ['rejects', () => Promise.reject(new Error('of its own')), 'of its own'],
  ])('fail with a condition that %s', async (_what, holds, said) => {
    const failed = simulateMany(BASIC_WIP, { runs: 3, holds });
    await expect(failed).rejects.toThrow(said);
  });

  it('have the table that the class makes of parsed options', async () => {
    const Options = z.strictObject({ last: z.string().default('finish') });
    class Leads extends BasicWip<z.infer<typeof Options>> {
      override get kind(): string {
        return 'Leads';
      }
      override getStateTable(): string {
        const { last = 'finish' } = this.options as { last?: string };
        return super.getStateTable().replace('* finish', `* ${last}`);
      }
    }
    const kind = defineWip({
      kind: 'Leads',
      version: 1,
      options: { schema: Options, sealed: [] },
      create: (task) => new Leads(task),
    });
    const { rowsNeverTaken } = await simulateMany(kind, { runs: 3, script: { options: { last: 'failure' } } });
    expect(rowsNeverTaken).not.toContain('failure *');
    await expect(simulateMany(kind, { runs: 3, script: { options: { last: 7 } as never } })).rejects.toThrow(
      /The options of a Leads task are not valid: last must be a text/,
    );
  });
});
