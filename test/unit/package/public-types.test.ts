import { describe, expect, it } from 'vitest';
import { declarePackage } from './declared-package.ts';
import { unexportedTypes } from './reachable-types.ts';

// Two programs of the compiler, over all that the test kit reaches: ten seconds on idle cores.
describe('the types of the package', () => {
  it('can all be named by who imports it: a signature holds none that is not exported', () => {
    expect(unexportedTypes(declarePackage())).toEqual([]);
  });
});
