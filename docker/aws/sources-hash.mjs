// Plain JavaScript without dependencies: the project's tests use it, too, and they do not install this folder.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['.', 'stack', 'iam'];

/** Returns the hash of everything that the templates are made from: the code, the policies and the versions. */
export function hashSources(directory) {
  const hash = createHash('sha256');
  for (const folder of FOLDERS) {
    const names = readdirSync(join(directory, folder)).filter((name) => /\.(ts|mjs|json)$/.test(name));
    for (const name of names.sort()) {
      hash.update(`${folder}/${name}\n`).update(readFileSync(join(directory, folder, name)));
    }
  }
  return hash.digest('hex');
}
