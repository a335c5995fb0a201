import { describe, expect, it } from 'vitest';
import { shareRead } from '../../../controlplane/api/tasks/streams/share-read.ts';

describe('a shared read', () => {
  it('is made once for all who ask for the same at the same moment, and once more for who asks later', async () => {
    let stored = 'before';
    const asked: string[] = [];
    const read = shareRead(async (name: string) => {
      asked.push(name);
      return `${name} ${stored}`;
    }, String);
    expect(await Promise.all([read('a'), read('b'), read('a')])).toEqual(['a before', 'b before', 'a before']);
    expect(asked).toEqual(['a', 'b']);
    stored = 'after';
    expect(await read('a')).toBe('a after');
  });

  it('never gives an answer that was read before the question', async () => {
    let stored = 'before';
    const answer = Promise.withResolvers<void>();
    const read = shareRead(async () => {
      const found = stored;
      await answer.promise;
      return found;
    }, String);
    const early = read('a');
    await new Promise(setImmediate);
    stored = 'after'; // while the first read waits for its answer
    const late = read('a');
    await new Promise(setImmediate);
    answer.resolve();
    expect([await early, await late]).toEqual(['before', 'after']);
  });

  it('fails for all who shared it, and is tried again for the next', async () => {
    let isBroken = true;
    const read = shareRead(async () => {
      if (isBroken) throw new Error('no database');
      return 'there';
    }, String);
    const both = await Promise.allSettled([read('a'), read('a')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    expect(await read('a')).toBe('there');
  });
});
