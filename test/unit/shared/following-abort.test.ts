import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FollowingAbort } from '../../../shared/time/following-abort.ts';
import { collectGarbage } from '../../kit/collect-garbage.ts';

describe('an abort that follows others', () => {
  it('comes with the first of them and its reason, or by itself', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const following = new FollowingAbort(first.signal, second.signal);
    expect(following.signal.aborted).toBe(false);
    second.abort('second');
    first.abort('first');
    expect(following.signal.reason).toBe('second');

    const alone = new FollowingAbort(new AbortController().signal);
    alone.abort('own');
    expect(alone.signal.reason).toBe('own');
  });

  it('is there from the beginning when one of them has aborted before', () => {
    expect(new FollowingAbort(new AbortController().signal, AbortSignal.abort('before')).signal.reason).toBe('before');
  });

  it('comes although nothing else holds it and memory was cleared', async () => {
    const source = new AbortController();
    let has = 'not come';
    (() => new FollowingAbort(source.signal).signal.addEventListener('abort', () => (has = 'come')))();
    await collectGarbage();
    source.abort();
    expect(has).toBe('come');
  });

  it('leaves nothing at those it followed once it has come or is released', () => {
    const source = new AbortController();
    const [aborted, released] = [new FollowingAbort(source.signal), new FollowingAbort(source.signal)];
    aborted.abort();
    released.release();
    expect(getEventListeners(source.signal, 'abort')).toEqual([]);
    source.abort();
    expect(released.signal.aborted).toBe(false);
  });
});
