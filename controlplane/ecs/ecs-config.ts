import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { DefinitionSettings, EcsConfigFile, type Naming } from './definition-schema.ts';
import type { ConfigPath, ConfigSource } from './yaml-source.ts';

export interface EcsConfig {
  readonly naming: Naming;
  /** Returns the default with the overrides of this kind of task laid over it. */
  settingsFor(kind: string): DefinitionSettings;
}

/**
 * Lays the sources over each other, the last one on top, and checks the result. Throws CONFIG_INVALID with file, line
 * and path of every mistake.
 */
export function readEcsConfig(sources: readonly ConfigSource[]): EcsConfig {
  const merged = sources.reduce<unknown>((below, source) => mergeSettings(below, source.data), {});
  const withOverrides = mergeSettings({ overrides: {} }, merged);
  const file = check(EcsConfigFile, withOverrides, [], sources);
  const byKind = new Map(
    Object.entries(file.overrides).map(([kind, override]) => {
      const settings = mergeSettings(file.default, override);
      return [kind, check(DefinitionSettings, settings, ['overrides', kind], sources)];
    }),
  );
  return { naming: file.naming, settingsFor: (kind) => byKind.get(kind) ?? file.default };
}

function check<T>(schema: z.ZodType<T>, value: unknown, at: ConfigPath, sources: readonly ConfigSource[]): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => describe(issue, schema, at, sources));
  throw new OperationalError('CONFIG_INVALID', {
    happened: `The ECS configuration is not valid: ${problems.join('; ')}`,
    remedy:
      'Correct what is named there; the names are those of RegisterTaskDefinition in the Amazon ECS API reference',
  });
}

function describe(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  at: ConfigPath,
  sources: readonly ConfigSource[],
): string[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code !== 'unrecognized_keys') return [`${locationOf([...at, ...path], sources)}: ${issue.message}`];
  const allowed = allowedKeys(schema, path);
  return issue.keys.map(
    (key) =>
      `${locationOf([...at, ...path, key], sources)} is not known${allowed ? `; allowed: ${allowed.join(', ')}` : ''}`,
  );
}

/** Returns where a person finds the setting: the topmost source that has the path, or its nearest parent. */
function locationOf(path: ConfigPath, sources: readonly ConfigSource[]): string {
  const shown = path.map(String).join('.') || 'the whole file';
  for (let length = path.length; length > 0; length -= 1) {
    for (const source of [...sources].reverse()) {
      const found = source.locationOf(path.slice(0, length));
      if (found) return `${found}, ${shown}`;
    }
  }
  return `${sources.map((source) => source.name).join(', ')}, ${shown}`;
}

function allowedKeys(schema: z.core.$ZodType, path: ConfigPath): string[] | null {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const [key, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    if (key === undefined) return Object.keys(inner.shape);
    const next: unknown = inner.shape[key];
    return next instanceof z.ZodType ? allowedKeys(next, rest) : null;
  }
  return inner instanceof z.ZodArray && key !== undefined ? allowedKeys(inner.element, rest) : null;
}

/**
 * Lays `above` over `below`. Mappings merge key by key, lists of mappings item by item in their order, so that a site
 * file names only the image of the first container. Everything else is replaced. The environment gives a mapping with
 * number keys, which is laid over a list.
 */
export function mergeSettings(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (Array.isArray(below)) return mergeOverList(below, above);
  if (isMapping(below) && isMapping(above)) {
    const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
    return Object.fromEntries([...keys].map((key) => [key, mergeSettings(below[key], above[key])]));
  }
  return above;
}

function mergeOverList(below: readonly unknown[], above: unknown): unknown {
  const items = itemsOf(below, above);
  if (!items) return above;
  const length = Math.max(below.length, ...[...items.keys()].map((index) => index + 1));
  return Array.from({ length }, (_, index) => mergeSettings(below[index], items.get(index)));
}

/** Returns the items of `above` by position; null when `above` replaces the whole list. */
function itemsOf(below: readonly unknown[], above: unknown): ReadonlyMap<number, unknown> | null {
  if (Array.isArray(above)) return [...below, ...above].every(isMapping) ? new Map(above.entries()) : null;
  // At most two digits: no list of a task definition is longer, and a typing error must not make a huge one.
  const isByPosition = isMapping(above) && Object.keys(above).every((key) => /^\d{1,2}$/.test(key));
  return isByPosition ? new Map(Object.entries(above).map(([key, value]) => [Number(key), value])) : null;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
