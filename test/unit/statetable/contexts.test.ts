import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bagOf, linkContext, NO_CONTEXTS, ownerOf, saveBag } from '../../../controlplane/statetable/contexts.ts';

describe('contexts', () => {
  it('gives a state an empty bag of its own, whatever its name', () => {
    const contexts = saveBag(NO_CONTEXTS, 'a', { k: 1 });
    expect(bagOf(contexts, 'a')).toEqual({ k: 1 });
    expect(bagOf(contexts, 'b')).toEqual({});
    expect(bagOf(contexts, 'constructor')).toEqual({});
  });

  it('makes two states share one bag, in both directions', () => {
    const linked = linkContext(saveBag(NO_CONTEXTS, 'b', { k: 1 }), 'a', 'b');
    expect(bagOf(linked, 'a')).toEqual({ k: 1 });
    expect(bagOf(saveBag(linked, 'a', { k: 2 }), 'b')).toEqual({ k: 2 });
  });

  it('keeps what the linked state had, unless the other has the same key', () => {
    const both = saveBag(saveBag(NO_CONTEXTS, 'a', { mine: 1, k: 1 }), 'b', { k: 2 });
    expect(bagOf(linkContext(both, 'a', 'b'), 'b')).toEqual({ mine: 1, k: 2 });
  });

  it('survives links in a ring and to itself', () => {
    const ring = linkContext(linkContext(linkContext(NO_CONTEXTS, 'a', 'b'), 'b', 'a'), 'a', 'a');
    expect(ownerOf(ring, 'a')).toBe(ownerOf(ring, 'b'));
  });

  it('shares between exactly the states that were linked, directly or through others', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { maxLength: 8 }), name, name, (links, one, other) => {
        const contexts = links.reduce((all, [from, to]) => linkContext(all, from, to), NO_CONTEXTS);
        const reached = new Set([one]);
        for (let grew = true; grew;) {
          const before = reached.size;
          for (const [from, to] of links) {
            if (reached.has(from) || reached.has(to)) reached.add(from).add(to);
          }
          grew = reached.size > before;
        }
        expect(ownerOf(contexts, one) === ownerOf(contexts, other)).toBe(reached.has(other));
      }),
    );
  });
});
