import { shownAddress } from '../shared/text/shown-address.ts';
import { CONTROL_PLANE_FIELDS, isSecretSetting, type ControlPlaneConfig } from './config-fields.ts';
import { readYaml, variableOf, type LoadConfigOptions } from './config.ts';

/** A setting of a node, as a person may see it. */
export interface ExplainedNodeSetting {
  readonly path: string;
  readonly value: unknown;
  readonly state: 'set';
  /** File and line, a variable, `default`, or `the command`. */
  readonly from: string;
  readonly covers: readonly { readonly value: unknown; readonly from: string }[];
}

const HIDDEN = '(hidden)';

/** Returns every setting that has a value, with where it is from. No value is a secret. */
export function explainConfig(options: LoadConfigOptions, config: ControlPlaneConfig): ExplainedNodeSetting[] {
  const file = options.file ?? options.environment['WIP_CONFIG'];
  const fromFile = file ? readYaml(file) : { values: {}, lines: new Map<string, number>() };
  return Object.entries(config).flatMap(([path, value]) => {
    if (value === undefined) return [];
    const variable = variableOf(path, options.environment);
    const inFile = Object.hasOwn(fromFile.values, path)
      ? { value: shownOf(path, fromFile.values[path]), from: `${file} line ${fromFile.lines.get(path) ?? 1}` }
      : null;
    const fallback = isDefault(path, value) ? 'default' : 'the command';
    const from = variable === null ? (inFile?.from ?? fallback) : `the variable ${variable}`;
    const covers = variable !== null && inFile !== null ? [inFile] : [];
    return [{ path, value: shownOf(path, value), state: 'set' as const, from, covers }];
  });
}

/** The default of the node's name is another one in each process. */
function isDefault(path: string, value: unknown): boolean {
  const field = CONTROL_PLANE_FIELDS[path as keyof typeof CONTROL_PLANE_FIELDS];
  return path === 'node' || JSON.stringify(field.safeParse(undefined).data) === JSON.stringify(value);
}

/** Addresses keep what a person needs to see of them, but not their passwords. */
function shownOf(path: string, value: unknown): unknown {
  if (isSecretSetting(path)) return HIDDEN;
  return typeof value === 'string' ? shownAddress(value) : value;
}
