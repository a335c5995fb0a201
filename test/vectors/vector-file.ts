import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import listed from './deviations.json' with { type: 'json' };

const OWN_FOLDER = join(import.meta.dirname, '../fixtures/vectors');
/** The same tests run on any folder of vectors; it may hold only some of the files. */
const folder = process.env['WIP_VECTORS'] ?? OWN_FOLDER;

export interface Vector {
  readonly name: string;
  /** An accident of the recorded engine, or a point where ours deviates on purpose. */
  readonly quirk?: string;
  /** What not to compare in this one. */
  readonly ignores?: readonly string[];
}

export interface VectorFile<V extends Vector> {
  readonly vectors: readonly V[];
  readonly baseMethods?: Readonly<Record<string, readonly string[]>>;
}

/** Null when the folder has no such file. */
export function readVectorFile<V extends Vector>(name: string): VectorFile<V> | null {
  const path = join(folder, name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as VectorFile<V>) : null;
}

interface Deviations {
  readonly byName: readonly { readonly file: string; readonly name: string; readonly reason: string }[];
  readonly byQuirk: readonly { readonly quirk: string; readonly reason: string }[];
}
const deviations: Deviations = listed;

function listedReason(file: string, name: string): string | undefined {
  return deviations.byName.find((deviation) => deviation.file === file && deviation.name === name)?.reason;
}

/** In somebody else's folder the names are not known beforehand; what the quirk says is. */
function quirkReason(quirk: string): string | undefined {
  return deviations.byQuirk.find((deviation) => deviation.quirk === quirk)?.reason;
}

export interface Comparison {
  readonly ours: unknown;
  readonly expected: unknown;
}

function check(file: string, vector: Vector, { ours, expected }: Comparison): void {
  const listed = listedReason(file, vector.name);
  if (listed === undefined) {
    if (vector.quirk !== undefined && folder !== OWN_FOLDER && quirkReason(vector.quirk) !== undefined) return;
    expect(ours).toEqual(expected);
    return;
  }
  expect(vector.quirk, 'only a vector with a quirk may be listed as a deviation').toBeDefined();
  expect(isDeepStrictEqual(ours, expected), `agrees now; take it off the list (${listed})`).toBe(false);
}

/** One test per vector: it agrees, or it has a quirk and is listed with the reason why ours differs. */
export function checkVectors<V extends Vector>(
  file: string,
  compare: (vector: V, file: VectorFile<V>) => Comparison,
): void {
  const content = readVectorFile<V>(file);
  describe(file, () => {
    if (!content) {
      it.skip('is not in this folder', () => undefined);
      return;
    }
    for (const vector of content.vectors) {
      it(vector.name, () => check(file, vector, compare(vector, content)));
    }
    if (folder === OWN_FOLDER) {
      it('has every vector that is listed as a deviation', () => {
        const names = new Set(content.vectors.map((vector) => vector.name));
        const gone = deviations.byName.filter((listed) => listed.file === file && !names.has(listed.name));
        expect(gone).toEqual([]);
      });
    }
  });
}
