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
