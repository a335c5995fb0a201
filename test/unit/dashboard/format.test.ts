import { describe, expect, it } from 'vitest';
import {
  showAge,
  showBytes,
  showBytesOf,
  showInstant,
  showLatency,
  showSeconds,
  secondsFromTo,
} from '../../../controlplane/dashboard/format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('numbers of the dashboard', () => {
  it.each([
    [null, '–'],
    [0, '0.0 s'],
    [1.44, '1.4 s'],
    [59.94, '59.9 s'],
    [59.96, '1 m 00 s'],
    [242, '4 m 02 s'],
    [3600, '1 h 00 m'],
    [86_400 * 6 + 3600 * 4, '6 d 4 h'],
  ])('shows %s seconds as %s', (seconds, shown) => expect(plain(showSeconds(seconds))).toBe(shown));

  it.each<[number | null, number | null, string]>([
    [400_000_000, 1_000_000_000, '400.0 MB of 1.0 GB'],
    [1_030_000_000, 1_024_000_000, '1.03 GB of 1.02 GB'],
    [1_024_000_000, 1_024_000_000, '1.0 GB of 1.0 GB'],
    [999_900_000, 1_000_000_000, '999.9 MB of 1.0 GB'],
    [1_000_000_000, 999_999_999, '1.000000 GB of 999.999999 MB'],
    [null, 1_000_000_000, '– of 1.0 GB'],
    [5, null, '5 B'],
  ])('shows %s of a limit of %s bytes as %s', (bytes, limit, shown) =>
    expect(plain(showBytesOf(bytes, limit))).toBe(shown),
  );

  it.each([
    [null, '–'],
    [0.0004, '0 ms'],
    [0.0123, '12 ms'],
    [1.25, '1.3 s'],
  ])('shows a latency of %s seconds as %s', (seconds, shown) => expect(plain(showLatency(seconds))).toBe(shown));

  it.each([
    [null, '–'],
    [-50, '0 s'],
    [12_999, '12 s'],
    [82_000, '1 m 22 s'],
  ])('shows an age of %s ms as %s', (ms, shown) => expect(plain(showAge(ms))).toBe(shown));

  it.each([
    [null, '–'],
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [3_214_000_000, '3.2 GB'],
    [5e16, '50000.0 TB'],
  ])('shows %s bytes as %s', (bytes, shown) => expect(plain(showBytes(bytes))).toBe(shown));

  it('shows the day of an instant that is not of today', () => {
    const today = new Date(2026, 10, 28, 14, 29, 58);
    const earlier = new Date(2026, 10, 12, 9, 5, 0);
    expect(showInstant(today.toISOString(), today.getTime())).toBe('14:29:58');
    expect(plain(showInstant(earlier.toISOString(), today.getTime()))).toBe('12 Nov 09:05');
    expect(showInstant(null, today.getTime())).toBe('–');
  });

  it('knows no duration where an end is not known', () => {
    expect(secondsFromTo('2026-11-28T10:00:00Z', '2026-11-28T10:00:01.500Z')).toBe(1.5);
    expect(secondsFromTo(null, '2026-11-28T10:00:00Z')).toBeNull();
    expect(secondsFromTo('2026-11-28T10:00:00Z', null)).toBeNull();
  });
});
