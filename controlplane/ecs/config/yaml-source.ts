import { loadAll, YAMLException } from 'js-yaml';
import { OperationalError, messageOf } from '../../../shared/model/error.ts';
import { readConfigTree, refuseMarks } from '../../../shared/yaml/yaml-config.ts';
import type { YamlNode } from '../../../shared/yaml/yaml-node.ts';

export type ConfigPath = readonly (string | number)[];

/** A source of settings, with the location of each setting in it. */
export interface ConfigSource {
  readonly name: string;
  readonly data: unknown;
  /** Returns `config.ecs.yml line 12`, or the name of a variable; null when the source does not have this path. */
  locationOf(path: ConfigPath): string | null;
  /** The names of variables have numbers where the items of a list stand. */
  readonly numbersAreItems?: boolean;
}

/** Throws CONFIG_INVALID with file and line when the text is no YAML. */
export function parseYamlSource(name: string, text: string): ConfigSource {
  try {
    // A file with comments alone holds no document, and changes no setting.
    const [document, ...more] = loadAll(text, { filename: name });
    if (more.length > 0) throw new Error('it holds more than one document');
    const { tree, marks } = readConfigTree(text);
    refuseMarks(marks);
    const lines = linesByPath(tree);
    const data = document ?? {};
    return {
      name,
      data,
      locationOf(path) {
        const line = lines.get(keyOf(path));
        return line === undefined ? null : `${name} line ${line}`;
      },
    };
  } catch (cause) {
    const line = cause instanceof YAMLException && cause.mark ? ` line ${cause.mark.line + 1}` : '';
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${name}${line} is not YAML: ${cause instanceof YAMLException ? cause.reason : messageOf(cause)}`,
      remedy: 'Correct the file; indentation is by spaces, and a value with a colon needs quotes',
      cause,
    });
  }
}

export function keyOf(path: ConfigPath): string {
  return JSON.stringify(path.map(String));
}

/** Returns the line of each key and each item. The values of `loadAll` have no positions. */
function linesByPath(tree: YamlNode | null): Map<string, number> {
  const lines = new Map<string, number>();
  const walk = (node: YamlNode, path: ConfigPath): void => {
    if (node.kind === 'mapping') {
      for (const { key, keyAt, value } of node.entries) {
        lines.set(keyOf([...path, key]), keyAt.line);
        walk(value, [...path, key]);
      }
    } else if (node.kind === 'sequence') {
      node.items.forEach((item, index) => {
        lines.set(keyOf([...path, index]), item.at.line);
        walk(item, [...path, index]);
      });
    }
  };
  if (tree) walk(tree, []);
  return lines;
}
