import { plainOf, type Covered, type Layered } from './config-layers.ts';

/** One line of an explanation: a value that is in effect, or something that was taken away. */
export interface ExplainedSetting {
  readonly path: string;
  /** Absent for what was removed. */
  readonly value?: unknown;
  readonly state: 'set' | 'removed';
  readonly from: string;
  readonly covers: readonly Covered[];
}

/** Lists every single value, each with where it is from, in the order of the files. */
export function explainLayered(layered: Layered, path: readonly string[]): ExplainedSetting[] {
  const { from, covers } = layered;
  if (layered.kind === 'value' || sizeOf(layered) === 0) {
    const own: ExplainedSetting = { path: path.join('.'), state: 'set', value: plainOf(layered), from, covers };
    return [own, ...removedFrom(layered, path)];
  }
  const entries: Iterable<[string | number, Layered]> =
    layered.kind === 'list' ? layered.items.entries() : layered.entries;
  const inner = [...entries].flatMap(([key, entry]) => explainLayered(entry, [...path, String(key)]));
  // What a whole list or mapping replaced is told once, above its values.
  const whole: ExplainedSetting[] =
    covers.length > 0 ? [{ path: path.join('.'), state: 'set', value: plainOf(layered), from, covers }] : [];
  return [...whole, ...inner, ...removedFrom(layered, path)];
}

function sizeOf(layered: Layered & { kind: 'list' | 'mapping' }): number {
  return layered.kind === 'list' ? layered.items.length : layered.entries.size;
}

function removedFrom(layered: Layered, path: readonly string[]): ExplainedSetting[] {
  if (layered.kind === 'value') return [];
  return layered.removed.map(({ key, from, covers }) => ({
    path: [...path, key].join('.'),
    state: 'removed',
    from,
    covers,
  }));
}
