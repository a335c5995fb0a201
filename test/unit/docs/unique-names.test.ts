import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { productSources } from './product-sources.ts';

const EXPORTED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|interface|type|function\*?|const|let) ([A-Za-z_$][\w$]*)/gm;

/** Returns the names that more than one file has, each with those files. */
function sharedNames(owners: readonly (readonly [name: string, path: string])[]): string[] {
  const paths = new Map<string, Set<string>>();
  for (const [name, path] of owners) paths.set(name, (paths.get(name) ?? new Set()).add(path));
  return [...paths].filter(([, files]) => files.size > 1).map(([name, files]) => `${name}: ${[...files].join(', ')}`);
}

function exportedNames({ path, text }: { path: string; text: string }): (readonly [string, string])[] {
  return [...text.matchAll(EXPORTED)].map(([, name = '']) => [name, path] as const);
}

describe('names of the product', () => {
  const sources = productSources();

  it('are those of several hundred files and exports', () => {
    expect(sources.length).toBeGreaterThan(400);
    expect(sources.flatMap(exportedNames).length).toBeGreaterThan(800);
  });

  // An editor that opens files by name shows only the last part of the path, and so does a stack trace.
  it('a file name leads to one file', () => {
    const owners = sources.map(({ path }) => [basename(path), path] as const);
    // Both programs begin in main.ts, as people expect.
    expect(sharedNames(owners.filter(([name]) => name !== 'main.ts'))).toEqual([]);
  });

  // Functions count too: otherwise an import that an editor adds by itself could be the wrong one.
  it('an exported type, class, function or constant has one meaning', () => {
    expect(sharedNames(sources.flatMap(exportedNames))).toEqual([]);
  });

  it('a name that two files export is found, a type and its schema in one file are not', () => {
    const first = { path: 'agent/a.ts', text: 'export const Piece = 1;\nexport type Piece = number;\n' };
    const second = { path: 'shared/b.ts', text: 'export interface Piece {}\nexport async function run() {}\n' };
    expect(sharedNames([first].flatMap(exportedNames))).toEqual([]);
    expect(sharedNames([first, second].flatMap(exportedNames))).toEqual(['Piece: agent/a.ts, shared/b.ts']);
  });
});
