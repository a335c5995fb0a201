import { describe, expect, it } from 'vitest';
import { SilenceWatch, type Silence } from '../../../controlplane/dashboard/server/silence.ts';

/** Ticks each second from one second to another, and returns what was said. */
function ticks(watch: SilenceWatch, fromSecond: number, toSecond: number): Silence[] {
  const said: Silence[] = [];
  for (let second = fromSecond; second <= toSecond; second += 1) said.push(watch.tick(second * 1000));
  return said;
}

describe('a node that hangs', () => {
  it('is silent two seconds after it was asked and lost after five, again and again until it answers', () => {
    const watch = new SilenceWatch(0);
    watch.ask(0);
    expect(ticks(watch, 1, 6)).toEqual(['none', 'silent', 'silent', 'silent', 'lost', 'none']);
    watch.ask(6_000);
    expect(ticks(watch, 7, 12)).toEqual(['none', 'none', 'none', 'lost', 'none', 'none']);
    watch.hear(12_500);
    expect(ticks(watch, 13, 15)).toEqual(['none', 'none', 'silent']);
  });

  it('is neither while nothing is asked of it', () => {
    const watch = new SilenceWatch(0);
    const end = watch.ask(0);
    end();
    expect(ticks(watch, 1, 20).every((said) => said === 'none')).toBe(true);
  });

  it('is neither while it answers other requests than a long one', () => {
    const watch = new SilenceWatch(0);
    watch.ask(0);
    for (let second = 1; second < 20; second += 1) {
      watch.hear(second * 1000 - 500);
      expect(watch.tick(second * 1000)).toBe('none');
    }
  });

  it('is not blamed for a page that was not there to hear the answer', () => {
    const watch = new SilenceWatch(0);
    watch.ask(0);
    expect(watch.tick(3_600_000)).toBe('none');
    expect(ticks(watch, 3_601, 3_602)).toEqual(['none', 'silent']);
  });
});
