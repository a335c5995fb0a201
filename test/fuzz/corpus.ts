import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('./corpus', import.meta.url));

export interface Entry {
  readonly name: string;
  readonly input: Buffer;
}

/** Returns the kept inputs of a target: examples, and each input that ever broke a promise. */
export function readCorpus(target: string): Entry[] {
  const directory = join(DIRECTORY, target);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => ({ name, input: readFileSync(join(directory, name)) }));
}
