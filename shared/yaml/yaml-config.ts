import { load } from 'js-yaml';
import type { Problem } from '../text/source-text.ts';
import type { YamlNode } from './yaml-node.ts';
import { readYamlTree } from './yaml-tree.ts';

/**
 * Returns the tree of a configuration file whose values `load` has read, and the marks that would silently remove a
 * part of a text, as in `command: ! x`: the parser knows the tag `!` and drops it. All other problems that the tree
 * reports are left to `load`.
 */
export function readConfigTree(text: string): { tree: YamlNode | null; marks: Problem[] } {
  const marks: Problem[] = [];
  const tree = readYamlTree(text, (problem, kind) => {
    if (kind === 'mark') marks.push(problem);
  });
  return { tree, marks };
}

/**
 * Returns the value of one YAML document, and makes sure that no part of it gets lost. Throws YAMLException or an Error with line
 * and column.
 */
export function loadYaml(text: string): unknown {
  const read: unknown = load(text);
  refuseMarks(readConfigTree(text).marks);
  return read;
}

export function refuseMarks([mark]: readonly Problem[]): void {
  if (mark) throw new Error(`line ${mark.line}, column ${mark.column}: ${mark.message}`);
}
