import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import { carelessKind } from '../../kit/kinds/careless-wip.ts';
import { simulateScript } from '../../testkit/simulate-task.ts';

const messageOf = async (work: (context: WipContext) => unknown): Promise<string> =>
  (await simulateScript(carelessKind(work), {})).exit.message;

describe('a method of a simulated task', () => {
  it.each([
    ['a Map', new Map([['detail', 'lost']]), 'a Map'],
    ['a promise', Promise.resolve({ detail: 'lost' }), 'a Promise'],
  ])('is told that exit() was given %s, which has no fields', async (_what, options, is) => {
    expect(await messageOf((context) => context.exit('ERROR_USER', 'no licence', options as never))).toContain(
      `exit(status, message, options) takes an object of fields, and was given ${is}`,
    );
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
