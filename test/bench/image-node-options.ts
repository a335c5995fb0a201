import { readFileSync } from 'node:fs';
import path from 'node:path';

const DOCKERFILE = path.join(import.meta.dirname, '../../docker/controlplane.Dockerfile');

/** Returns the arguments with which the image starts Node, so that a figure of a node is that of the image. */
export function imageNodeOptions(): string[] {
  const options = /NODE_OPTIONS="?([^"\n\\]+)"?/.exec(readFileSync(DOCKERFILE, 'utf8'))?.[1];
  if (options === undefined) throw new Error(`${DOCKERFILE} sets no NODE_OPTIONS`);
  return options.trim().split(' ');
}
