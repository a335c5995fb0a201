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

  it('is made twice for a thousand followers who come one after the other while the database is slow', async () => {
    const answers: PromiseWithResolvers<number>[] = [];
    const read = shareRead(() => {
      const answer = Promise.withResolvers<number>();
      return (answers.push(answer), answer.promise);
    }, String);
    const asked: Promise<number>[] = [];
    for (let follower = 0; follower < 1_000; follower += 1) {
      asked.push(read('a'));
      await new Promise(setImmediate); // another moment
    }
    expect(answers.length).toBe(1);
    answers[0]!.resolve(0);
    await asked[0];
    await new Promise(setImmediate);
    answers[1]!.resolve(1);
    expect(new Set(await Promise.all(asked))).toEqual(new Set([0, 1]));
    expect(answers.length).toBe(2);
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
