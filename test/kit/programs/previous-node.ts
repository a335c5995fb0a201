import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SCHEMA_NUMBER } from '../../../controlplane/store/migrations/all.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const KEPT = path.join(ROOT, 'test/fixtures/previous-node');

export interface PreviousNode {
  readonly program: string;
  /** Number of the node's schema. */
  readonly schema: number;
}

/** Unpacks the node of the version before this one. */
export async function unpackPreviousNode(directory: string): Promise<PreviousNode> {
  const [kept = '', ...others] = (await readdir(KEPT)).filter((name) => name.endsWith('.gz'));
  const schema = Number(/^schema-(\d+)\.mjs\.gz$/.exec(kept)?.[1]);
  if (others.length > 0 || !(schema < SCHEMA_NUMBER)) {
    throw new Error(
      `one node of a schema before ${SCHEMA_NUMBER} is to be kept, not ${kept || 'none'}; run "npm run freeze:node" on a checkout that has one`,
    );
  }
  // As deep as in a checkout, because the node searches the shipped configuration from its own path. The libraries
  // are those of this checkout.
  const program = path.join(directory, 'controlplane/program/main.mjs');
  await mkdir(path.dirname(program), { recursive: true });
  await mkdir(path.join(directory, 'config'));
  await writeFile(program, gunzipSync(await readFile(path.join(KEPT, kept))));
  await copyFile(path.join(KEPT, 'config.ecs.yml'), path.join(directory, 'config/config.ecs.yml'));
  await copyFile(path.join(ROOT, 'package.json'), path.join(directory, 'package.json'));
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
  return { program, schema };
}
