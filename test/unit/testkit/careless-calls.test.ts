import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { carelessKind } from '../../kit/kinds/careless-wip.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';

const messageOf = async (work: (context: WipContext) => unknown): Promise<string> =>
  (await simulateScript(carelessKind(work), {})).exit.message;

function circular(): object {
  const one: Record<string, unknown> = { code: 404 };
  one['self'] = one;
  return one;
}

describe('a method of a simulated task', () => {
  it.each([
    ['a Map', new Map([['detail', 'lost']]), 'a Map'],
    ['a promise', Promise.resolve({ detail: 'lost' }), 'a Promise'],
  ])('is told that exit() was given %s, which has no fields', async (_what, options, is) => {
    expect(await messageOf((context) => context.exit('ERROR_USER', 'no licence', options as never))).toContain(
      `exit(status, message, options) takes an object of fields, and was given ${is}`,
    );
  });

  it.each<[string, (context: WipContext) => unknown, string]>([
    ['the bag of', (context) => context.bagOf('frst'), 'bagOf(state): the table has no state "frst"'],
    ['a link to', (context) => context.linkContext('frst'), 'linkContext(state): the table has no state "frst"'],
    [
      'the transitions of',
      (context) => context.clearTransitionCount('frst', 'again'),
      'clearTransitionCount(state, value): the table has no state "frst"',
    ],
  ])('is told that it asked for %s a state that is misspelt', async (_what, work, message) => {
    expect(await messageOf(work)).toBe(`${message}; perhaps "first" is meant`);
  });

  it('may ask for the bag of a state that its table leaves out, and for which it has a method', async () => {
    expect(await messageOf((context) => context.exit('ERROR_USER', JSON.stringify(context.bagOf('start'))))).toBe('{}');
  });

  it('is told that an option is not sealed also when the task was not given it', async () => {
    expect(await messageOf((context) => context.secretOption('pasword'))).toMatch(
      /^secretOption: the option "pasword" of a Careless task is not sealed\. Correct the name, or/,
    );
  });

  it.each([
    [(context: WipContext) => context.addTask('child', undefined as never), 'The child "child" cannot be added'],
    [(context: WipContext) => context.deliver('note', undefined as never), 'The request "note" cannot be sent'],
  ])('that gave an effect nothing but a name is told so', async (work, what) => {
    expect(await messageOf(work)).toContain(`${what}: nothing was given but its name. Correct`);
  });

  it('is told which field of an exit it probably meant', async () => {
    const options = { couse: 'too-large' } as never;
    expect(await messageOf((context) => context.exit('ERROR_USER', 'no', options))).toBe(
      'exit(status, message, options): couse is not known; perhaps "cause" is meant',
    );
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined was thrown, which is no error'],
    [null, 'null was thrown, which is no error'],
    [404, '404 was thrown, which is no error'],
    ['no licence', 'no licence'],
    [{ code: 404 }, '{"code":404}'],
    [circular(), 'an object with code, self'],
  ])('that throws %o ends with a sentence about it', async (thrown, message) => {
    expect(await messageOf(() => Promise.reject(thrown as Error))).toBe(message);
  });

  it('that a schema has refused something says what was wrong with it', async () => {
    expect(await messageOf(() => z.object({ size: z.number() }).parse({ size: 'big' }))).toBe(
      'size: Invalid input: expected number, received string',
    );
  });

  it('that is over can log nothing more', async () => {
    const contexts: WipContext[] = [];
    await messageOf((context) => void contexts.push(context));
    expect(() => contexts[0]?.log('INFO', 'too late')).toThrow(
      'log("INFO", …) did nothing: "work" was over when it came',
    );
  });
});
