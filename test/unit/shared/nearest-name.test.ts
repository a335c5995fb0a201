import { describe, expect, it } from 'vitest';
import { instead, nearestName } from '../../../shared/text/nearest-name.ts';

describe('the name that was probably meant', () => {
  it.each([
    ['scna', 'scan'],
    ['frist', 'first'],
    ['checkRestroe', 'checkRestore'],
    ['memroy', 'memory'],
    ['Good', 'good'],
    ['goood', 'good'],
    ['dumpIsGod', 'dumpIsGood'],
  ])('of %s, with one mistake such as two letters swapped, is %s', (given, meant) => {
    expect(nearestName(given, ['finish', 'x', meant])).toBe(meant);
  });

  it.each(['foo', 'acns', 'y', ''])('is none of a name that is like no other: %o', (given) => {
    expect(nearestName(given, ['scan', 'finish'])).toBeNull();
    expect(instead(given, ['scan', 'finish'])).toBe('; there are scan, finish');
  });
});
