import { describe, expect, it } from 'vitest';
import { formatBytes, formatGigabytes, formatSeconds } from '../../../shared/model/units.ts';

describe('a number with its unit', () => {
  it.each([
    [10_400_000_000, '10.4 GB'],
    [10_000_000_000, '10.0 GB'],
    [53_000_000, '0.053 GB'],
    [50_000_000, '0.05 GB'],
    [123_456, '0.0 GB'],
    [0, '0.0 GB'],
  ])('%d bytes of disk read %s, so that a small limit and what exceeded it differ', (bytes, text) => {
    expect(formatGigabytes(bytes)).toBe(text);
  });

  it.each([
    [512, '512 B'],
    [64_000, '64 kB'],
    [71_500_000, '72 MB'],
    [1_500_000_000, '1.5 GB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [1.53, '1.5 s'],
    [42.4, '42 s'],
    [60, '1 min'],
    [61, '1 min 1 s'],
    [3_720, '1 h 2 min'],
  ])('%d seconds read %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
