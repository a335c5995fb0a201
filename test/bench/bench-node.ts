import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ServedNode, type ServedNodeOptions } from '../testkit/system/served-node.ts';

const DOCKERFILE = path.join(import.meta.dirname, '../../docker/controlplane.Dockerfile');

/** Starts a node with the arguments of Node that the image has, so that a figure of a node is that of the image. */
export function startBenchNode({ nodeArgs = [], ...options }: ServedNodeOptions): Promise<ServedNode> {
  return ServedNode.start({ ...options, nodeArgs: [...imageNodeOptions(), ...nodeArgs] });
}

function imageNodeOptions(): string[] {
  const options = /^ENV NODE_OPTIONS=(.+)$/m.exec(readFileSync(DOCKERFILE, 'utf8'))?.[1];
  if (options === undefined) throw new Error(`${DOCKERFILE} sets no NODE_OPTIONS`);
  return options.split(' ');
}
