import { describe, expect, it } from 'vitest';
import { createWakeTimes } from '../../../controlplane/api/metrics/wake-times.ts';

/** What is told after these samples. */
function told(samples: readonly number[]): ReturnType<ReturnType<typeof createWakeTimes>['read']> {
  const wakes = createWakeTimes();
  for (const one of samples) wakes.note(one);
  return wakes.read();
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => count - index);

describe('how long woken tasks wait for their claim', () => {
  it('is not known before the first', () => expect(told([])).toBeNull());

  it.each([
    [[7], { count: 1, medianSeconds: 7, p99Seconds: 7 }],
    [upTo(100), { count: 100, medianSeconds: 50, p99Seconds: 99 }],
    [upTo(1_000), { count: 1_000, medianSeconds: 500, p99Seconds: 990 }],
  ])('is told as median and p99', (samples, expected) => expect(told(samples)).toEqual(expected));

  it('is that of the last 1,000: an hour of trouble is forgotten', () => {
    const calm = Array.from({ length: 1_000 }, () => 0.01);
    expect(told([...upTo(500), ...calm])).toEqual({ count: 1_000, medianSeconds: 0.01, p99Seconds: 0.01 });
  });
});
