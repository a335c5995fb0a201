import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../shared/http/retry-after.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

describe('retryAfterMs', () => {
  it('reads seconds and dates', () => {
    expect(retryAfterMs('0', NOW)).toBe(0);
    expect(retryAfterMs(' 12 ', NOW)).toBe(12_000);
    expect(retryAfterMs('Sun, 01 Mar 2026 12:00:30 GMT', NOW)).toBe(30_000);
    expect(retryAfterMs('Sun, 01 Mar 2026 11:00:00 GMT', NOW)).toBe(0);
  });

  it('ignores what is neither', () => {
    for (const text of [null, '', 'soon', '-1x']) expect(retryAfterMs(text, NOW)).toBeUndefined();
  });
});
