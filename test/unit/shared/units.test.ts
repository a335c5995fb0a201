import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatBytesApart,
  formatGigabytes,
  formatGigabytesApart,
  formatSeconds,
  formatSecondsApart,
} from '../../../shared/model/units.ts';

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

describe('numbers that a reader compares', () => {
  const amount = fc.integer({ min: 0, max: 20_000_000_000 });

  it.each([
    ['gigabytes', formatGigabytesApart, amount],
    ['bytes', formatBytesApart, amount],
    ['seconds', formatSecondsApart, fc.integer({ min: 0, max: 10_000_000 }).map((ms) => ms / 1_000)],
  ] as const)('read the same only when they are the same, in %s', (_name, format, any) => {
    fc.assert(
      fc.property(any, any, fc.constantFrom(0, 1, 2), (one, other, nearby) => {
        const second = nearby === 0 ? other : one + nearby;
        const [first, last] = format(one, second);
        expect(first === last).toBe(one === second);
      }),
    );
  });

  it('keep their usual form where that tells them apart', () => {
    expect(formatGigabytesApart(10_400_000_000, 10_000_000_000)).toEqual(['10.4 GB', '10.0 GB']);
    expect(formatBytesApart(498_000_000, 512_000_000)).toEqual(['498 MB', '512 MB']);
    expect(formatBytesApart(511_800_000, 512_000_000)).toEqual(['511.8 MB', '512 MB']);
    expect(formatBytesApart(4_294_000_000, 4_294_967_296)).toEqual(['4.294 GB', '4.295 GB']);
    expect(formatSecondsApart(61, 60)).toEqual(['1 min 1 s', '1 min']);
    expect(formatSecondsApart(3_661, 3_670)).toEqual(['3661 s', '3670 s']);
  });
});
