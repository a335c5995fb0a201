import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './documents.ts';

export interface ProductSource {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** Returns every TypeScript file of the two programs, of shared/, and of the project's scripts. */
export function productSources(): ProductSource[] {
  return ['agent', 'controlplane', 'shared', 'config'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/(^|\/)(node_modules|sample-build)\//.test(name))
      .map((name) => join(folder, name))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
  );
}
