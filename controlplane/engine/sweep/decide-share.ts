import { sha256Hex } from '../../../shared/keys/signing.ts';
import { DESCRIBE_TASKS_ARNS } from '../../ecs/client/quotas.ts';

/** The nodes that divide the sweep among them. */
export interface Sweepers {
  /** Names of the nodes that live. */
  readonly nodes: readonly string[];
  /** Number of the present period. Each period has another division. */
  readonly period: number;
}

/**
 * Returns whether this node has the share of that name: the node with the highest hash, so that only the share of a node that
 * comes or goes changes hands. Nodes that temporarily see different sets of nodes may both have a share, or neither; the next
 * sweep corrects that. Without other living nodes a node has every share, even before it has a row.
 */
export function hasShare(share: string, node: string, { nodes, period }: Sweepers): boolean {
  const weight = (name: string): string => sha256Hex(JSON.stringify([share, name, period]));
  const own = weight(node);
  return nodes.every((other) => other === node || weight(other) < own) && (nodes.length === 0 || nodes.includes(node));
}

/**
 * Returns this node's part of the attempts of one cluster. They are divided in blocks of as many as one DescribeTasks
 * takes: divided one by one, a thousand attempts would cost each of many nodes a call for a few of them.
 */
export function decideShare<Attempt>(
  cluster: string,
  attempts: readonly Attempt[],
  node: string,
  sweepers: Sweepers,
): Attempt[] {
  const blocks = Math.ceil(attempts.length / DESCRIBE_TASKS_ARNS);
  return Array.from({ length: blocks }, (_, index) => index)
    .filter((index) => hasShare(`${cluster}#${index}`, node, sweepers))
    .flatMap((index) => attempts.slice(index * DESCRIBE_TASKS_ARNS, (index + 1) * DESCRIBE_TASKS_ARNS));
}
