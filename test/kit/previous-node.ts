import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MIGRATIONS } from '../../controlplane/store/migrations/all.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** Unpacks the node of the schema before this one, and answers its program. */
export async function unpackPreviousNode(directory: string): Promise<string> {
  const schema = MIGRATIONS.length - 1;
  const frozen = path.join(ROOT, 'test/fixtures/previous-node', `schema-${schema}.mjs.gz`);
  if (!existsSync(frozen)) {
    throw new Error(
      `no node of schema ${schema} is kept; run "npm run freeze:node" on a checkout that has this schema`,
    );
  }
  // As deep as in a checkout, because it looks for the shipped configuration from where it is; the libraries are ours.
  const program = path.join(directory, 'controlplane/program/main.mjs');
  await mkdir(path.dirname(program), { recursive: true });
  await writeFile(program, gunzipSync(await readFile(frozen)));
  await cp(path.join(ROOT, 'config/config.ecs.yml'), path.join(directory, 'config/config.ecs.yml'), {
    recursive: true,
  });
  await cp(path.join(ROOT, 'package.json'), path.join(directory, 'package.json'));
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
  return program;
}
