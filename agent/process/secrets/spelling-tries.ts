/** A node of a trie. */
export type Node = number;
export const NO_NODE: Node = 0;

/** Many small sets of byte strings in one store, walked byte by byte. */
export interface Tries {
  /** Returns the root of a trie that holds these byte strings. */
  add(strings: Iterable<string>): Node;
  next(node: Node, byte: number): Node;
  /** Whether one of the strings ends here. */
  isEnd(node: Node): boolean;
  hasNext(node: Node): boolean;
  rootOf(node: Node): Node;
  /** Bytes from the root. */
  depth(node: Node): number;
  /** All bytes that lead on, of every node that has one. */
  edges(): Map<Node, number[]>;
}

export function createTries(): Tries {
  // One map for all: most nodes have one edge only.
  const edges = new Map<number, Node>();
  const ends: boolean[] = [false];
  const inner: boolean[] = [false];
  const depths: number[] = [0];
  const roots: Node[] = [NO_NODE];

  function grow(root: Node, depth: number): Node {
    ends.push(false);
    inner.push(false);
    roots.push(root);
    return depths.push(depth) - 1;
  }

  return {
    add(strings) {
      const root = grow(depths.length, 0);
      for (const text of strings) {
        let node = root;
        for (let at = 0; at < text.length; at += 1) {
          const edge = node * 256 + text.charCodeAt(at);
          const known = edges.get(edge);
          inner[node] = true;
          node = known ?? grow(root, at + 1);
          if (known === undefined) edges.set(edge, node);
        }
        ends[node] = true;
      }
      return root;
    },
    next: (node, byte) => edges.get(node * 256 + byte) ?? NO_NODE,
    isEnd: (node) => ends[node]!,
    hasNext: (node) => inner[node]!,
    rootOf: (node) => roots[node]!,
    depth: (node) => depths[node]!,
    edges() {
      const bytes = new Map<Node, number[]>();
      for (const edge of edges.keys()) {
        const node = Math.floor(edge / 256);
        const known = bytes.get(node);
        if (known) known.push(edge % 256);
        else bytes.set(node, [edge % 256]);
      }
      return bytes;
    },
  };
}
