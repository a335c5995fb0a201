import { layOver, type Layered, type LayerProblem } from './config-layers.ts';
import type { ConfigPath, ConfigSource } from './yaml-source.ts';

/** One source, with the sections that it has. */
export interface ConfigLayer {
  readonly source: ConfigSource;
  readonly sections: Readonly<Record<string, unknown>>;
}

export function laySection(
  name: string,
  layers: readonly ConfigLayer[],
  problems: LayerProblem[],
): Layered | undefined {
  return layers.reduce<Layered | undefined>(
    (below, { source, sections }) => layOver(below, sections[name], { path: [name], source, problems }),
    undefined,
  );
}

/** The settings of one kind of task on one cluster; null stands for all that have no overrides of their own. */
export interface Variant {
  readonly kind: string | null;
  readonly cluster: string | null;
  readonly layered: Layered | undefined;
}

/** Lays the sources for each kind and each cluster that a file names. The first variant is the default. */
export function layVariants(layers: readonly ConfigLayer[], problems: LayerProblem[]): Variant[] {
  const base = laySection('default', layers, problems);
  const kinds = [null, ...namesIn('overrides', layers)];
  const clusters = [null, ...namesIn('clusters', layers)];
  return kinds.flatMap((kind) => {
    const ofKind = kind === null ? base : layOverrides(['overrides', kind], base, layers, problems);
    return clusters.map((cluster) => {
      const layered = cluster === null ? ofKind : layOverrides(['clusters', cluster], ofKind, layers, problems);
      return { kind, cluster, layered };
    });
  });
}

function namesIn(section: 'overrides' | 'clusters', layers: readonly ConfigLayer[]): string[] {
  return [...new Set(layers.flatMap(({ sections }) => Object.keys(sections[section] ?? {})))];
}

/** Lays the overrides of all layers over what is below. `null` takes back what lower layers override. */
function layOverrides(
  [section, name]: readonly [string, string],
  base: Layered | undefined,
  layers: readonly ConfigLayer[],
  problems: LayerProblem[],
): Layered | undefined {
  let laid = base;
  for (const { source, sections } of layers) {
    const overrides = sections[section];
    const above = isMapping(overrides) && Object.hasOwn(overrides, name) ? overrides[name] : undefined;
    const path = [section, name];
    if (above !== null) laid = layOver(laid, above, { path, source, problems });
    else if (laid === base) layOver(undefined, null, { path, source, problems });
    else laid = base;
  }
  return laid;
}

export function pathOf({ kind, cluster }: Variant): ConfigPath {
  if (cluster !== null) return ['clusters', cluster];
  return kind === null ? ['default'] : ['overrides', kind];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
