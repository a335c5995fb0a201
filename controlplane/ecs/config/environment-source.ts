import { load } from 'js-yaml';
import type { ConfigPath, ConfigSource } from './yaml-source.ts';
import { keyOf } from './yaml-source.ts';

const PREFIX = 'WIP_ECS__';

/**
 * Settings such as `WIP_ECS__default__containerDefinitions__0__memory=2048`. Two underscores separate the parts of the
 * path. The value is parsed as a YAML scalar: 2048 is a number and "2048" in quotes a text.
 */
export function environmentSource(environment: Readonly<Record<string, string | undefined>>): ConfigSource {
  const locations = new Map<string, string>();
  let data: unknown = {};
  for (const name of Object.keys(environment)
    .filter((each) => each.startsWith(PREFIX))
    .sort()) {
    const path: ConfigPath = name
      .slice(PREFIX.length)
      .split('__')
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    path.forEach((_, index) => locations.set(keyOf(path.slice(0, index + 1)), `the variable ${name}`));
    data = withValue(data, path, readScalar(environment[name] ?? ''));
  }
  const locationOf = (path: ConfigPath): string | null => locations.get(keyOf(path)) ?? null;
  return { name: 'the environment', data, locationOf, numbersAreItems: true };
}

function readScalar(text: string): unknown {
  try {
    const value: unknown = load(text);
    return value === undefined ? '' : value;
  } catch {
    // Text that is not YAML, such as an image name with a stray colon, is taken as text.
    return text;
  }
}

/** Lists become mappings with number keys here. The merge lays them over lists item by item. */
function withValue(data: unknown, path: ConfigPath, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const mapping = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  return { ...mapping, [key]: withValue(mapping[key], rest, value) };
}
