import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideShare, hasShare } from '../../../controlplane/engine/sweep/decide-share.ts';

const attempts = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const nodesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `node-${index}`);

function shares(count: number, nodes: readonly string[], period = 1): Map<string, number[]> {
  return new Map(nodes.map((node) => [node, decideShare('c', attempts(count), node, { nodes, period })]));
}

describe('the division of the sweep', () => {
  it('gives every attempt to exactly one node', () => {
    fc.assert(
      fc.property(fc.nat(2_500), fc.integer({ min: 1, max: 12 }), fc.nat(1_000), (count, nodes, period) => {
        const all = [...shares(count, nodesOf(nodes), period).values()].flat();
        expect(all.toSorted((a, b) => a - b)).toEqual(attempts(count));
      }),
    );
  });

  it('costs the calls of one node, however many nodes there are', () => {
    for (const nodes of [1, 2, 4, 40]) {
      const calls = [...shares(1_000, nodesOf(nodes)).values()].map((share) => Math.ceil(share.length / 100));
      expect(calls.reduce((sum, one) => sum + one, 0)).toBe(10);
    }
  });

  it('moves the attempts of a node that died, and no others', () => {
    const nodes = nodesOf(4);
    const before = shares(1_000, nodes);
    const after = shares(1_000, nodes.slice(1));
    for (const node of nodes.slice(1)) expect(after.get(node)).toEqual(expect.arrayContaining(before.get(node)!));
    expect([...after.values()].flat()).toHaveLength(1_000);
  });

  it('is another one in another period, so that a node that does not reach ECS hides nothing for good', () => {
    const nodes = nodesOf(2);
    const owners = attempts(20).map((period) => nodes.find((node) => hasShare('c#0', node, { nodes, period })));
    expect(new Set(owners)).toEqual(new Set(nodes));
  });

  it('gives everything to a node that sees none, and nothing to one that the others do not see', () => {
    expect(hasShare('c', 'node-1', { nodes: [], period: 1 })).toBe(true);
    expect(hasShare('c', 'node-9', { nodes: ['node-1'], period: 1 })).toBe(false);
  });
});
