import { globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

// `from './x.js'`, `import('./x.js')`, `import './x.js'`: the compiler writes no other form, nor do declarations, whose
// specifiers end in `.ts`.
const IMPORT = /(?:\bfrom |\bimport\(|\bimport )["'](\.[^"']+)\.[jt]s["']/g;

/**
 * Removes the files in dist/ with this ending that none of the entries leads to. The compiler also writes modules that
 * only lend their types, and beside every module its declarations, though nobody can import the inside of the programs.
 */
export function removeUnreached(root: string, ending: '.js' | '.d.ts', entries: readonly string[]): void {
  const reached = new Set<string>();
  const waiting = entries.map((entry) => join(root, entry));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      waiting.push(join(dirname(file), `${path}${ending}`));
    }
  }
  for (const name of globSync(`dist/{agent,controlplane,shared,test}/**/*${ending}`, { cwd: root })) {
    if (!reached.has(join(root, name))) rmSync(join(root, name));
  }
}
