import { load } from 'js-yaml';
import type { Problem } from './source-text.ts';
import type { YamlNode } from './yaml-node.ts';
import { readYamlTree } from './yaml-tree.ts';

/**
 * The tree of a configuration file whose values `load` has read, with the marks that take something out of a text
 * without a word, as in `command: ! x`: the parser knows the tag `!` and drops it. What else the tree finds wrong, `load`
 * judges as it always has.
 */
export function readConfigTree(text: string): { tree: YamlNode | null; marks: Problem[] } {
  const marks: Problem[] = [];
  const tree = readYamlTree(text, (problem, kind) => {
    if (kind === 'mark') marks.push(problem);
  });
  return { tree, marks };
}

/** One YAML document in which nothing is lost. Throws YAMLException or an Error with line and column. */
export function loadYaml(text: string): unknown {
  const read: unknown = load(text);
  refuseMarks(readConfigTree(text).marks);
  return read;
}

export function refuseMarks([mark]: readonly Problem[]): void {
  if (mark) throw new Error(`line ${mark.line}, column ${mark.column}: ${mark.message}`);
}
