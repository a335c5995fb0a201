import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTaskWatchers, type TaskWatchers } from '../../../controlplane/api/tasks/streams/task-watchers.ts';
import { VirtualClock } from '../../testkit/world/virtual-clock.ts';

const TASK = 1;

let clock: VirtualClock;
let watchers: TaskWatchers;
let stop: AbortController;
beforeEach(() => {
  clock = new VirtualClock(new Date('2026-11-28T12:00:00Z'));
  watchers = createTaskWatchers(clock);
  stop = new AbortController();
});
afterEach(() => stop.abort());

describe('a watch of a task', () => {
  it('tells output alone from a change, and of both the change', async () => {
    const watch = watchers.watch(TASK, stop.signal);
    watchers.notify(TASK, 'output');
    expect(await watch.next()).toBe('output');
    watchers.notify(TASK, 'any');
    expect(await watch.next()).toBe('any');
    watchers.notify(TASK, 'any');
    watchers.notify(TASK, 'output');
    expect(await watch.next()).toBe('any');
    watchers.notify(TASK, 'output');
    expect(await watch.next()).toBe('output');
  });

  it('keeps a change that comes while its reader is busy with output', async () => {
    const [busy, idle] = [watchers.watch(TASK, stop.signal), watchers.watch(TASK, stop.signal)];
    watchers.notify(TASK, 'any');
    expect(await idle.next()).toBe('any');
    watchers.notify(TASK, 'output');
    expect(await idle.next()).toBe('output');
    expect(await busy.next()).toBe('any');
  });

  it('tells a change once, to whoever asks without waiting too', async () => {
    const watch = watchers.watch(TASK, stop.signal);
    expect(watch.takeAny()).toBe(false);
    watchers.notify(TASK, 'any');
    await vi.waitFor(() => expect(watch.takeAny()).toBe(true));
    expect(watch.takeAny()).toBe(false);
    expect(await watch.next()).toBe('output');
  });

  it('counts each second as a change, also under endless output: another node may have written one', async () => {
    const watch = watchers.watch(TASK, stop.signal);
    const seen: string[] = [];
    for (let tenths = 1; tenths <= 20; tenths += 1) {
      clock.advanceSeconds(0.1);
      watchers.notify(TASK, 'output');
      seen.push(await watch.next());
    }
    expect(seen.flatMap((change, index) => (change === 'any' ? [index + 1] : []))).toEqual([10, 20]);
    const quiet = watch.next();
    clock.advanceSeconds(1);
    expect(await quiet).toBe('any');
  });

  it('is over when it is left', async () => {
    const watch = watchers.watch(TASK, stop.signal);
    stop.abort();
    expect(await watch.next()).toBe('over');
    expect(watchers.isWatched(TASK)).toBe(false);
  });
});
