import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import listed from './deviations.json' with { type: 'json' };

const OWN_FOLDER = resolve(import.meta.dirname, '../fixtures/vectors');
/** The same tests run on any folder of vectors. It may hold only some of the kinds, in files of any name. */
const folder = resolve(process.env['WIP_VECTORS'] ?? OWN_FOLDER);

export interface Vector {
  readonly name: string;
  /** An accident of the recorded engine, or a point where our engine deviates on purpose. */
  readonly quirk?: string;
  /** Names of fields that are not compared, each with a remark after a colon. */
  readonly ignores?: readonly string[];
}

export interface VectorFile<V extends Vector> {
  readonly kind: string;
  readonly vectors: readonly V[];
  readonly baseMethods?: Readonly<Record<string, readonly string[]>>;
}

export interface Comparison {
  readonly ours: unknown;
  readonly expected: unknown;
}

type Compare<V extends Vector> = (vector: V, file: VectorFile<V>) => Comparison;

interface Deviation {
  readonly file: string;
  readonly name: string;
  readonly reason: string;
}
const deviations: readonly Deviation[] = listed;

function filesIn(directory: string): Map<string, VectorFile<Vector>> {
  const names = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.json')) : [];
  const read = (name: string): VectorFile<Vector> =>
    JSON.parse(readFileSync(join(directory, name), 'utf8')) as VectorFile<Vector>;
  return new Map(names.toSorted().map((name) => [name, read(name)]));
}

/**
 * Reasons why our result differs, by a sentence of the recording: the names of vectors in other folders are not known
 * beforehand.
 */
function reasonsByQuirk(): Map<string | undefined, string> {
  const files = filesIn(OWN_FOLDER);
  const quirkOf = ({ file, name }: Deviation): string | undefined =>
    files.get(file)?.vectors.find((vector) => vector.name === name)?.quirk;
  return new Map(deviations.map((deviation) => [quirkOf(deviation), deviation.reason]));
}

/** Returns the value without the fields that are not to be compared. */
function without(ignores: readonly string[], value: unknown): unknown {
  const names = new Set(ignores.map((ignored) => ignored.split(':', 1)[0]!.trim()));
  const text = JSON.stringify(value, (key, field: unknown) => (names.has(key) ? undefined : field));
  return JSON.parse(text) as unknown;
}

function compared<V extends Vector>(vector: V, file: VectorFile<V>, compare: Compare<V>): Comparison {
  const { ours, expected } = compare(vector, file);
  const ignores = vector.ignores ?? [];
  return { ours: without(ignores, ours), expected: without(ignores, expected) };
}

/** Checks our own vectors: each agrees or is listed by name with the reason. A list with other names is out of date. */
function checkOwn(name: string, vector: Vector, { ours, expected }: Comparison): void {
  const deviation = deviations.find((known) => known.file === name && known.name === vector.name);
  if (!deviation) {
    expect(ours).toEqual(expected);
    return;
  }
  expect(vector.quirk, 'only a vector with a quirk may be listed as a deviation').toBeDefined();
  expect(isDeepStrictEqual(ours, expected), `agrees now; take it off the list (${deviation.reason})`).toBe(false);
}

/**
 * Checks a vector from another folder: it agrees, unless the recording calls itself a quirk. Returns whether it
 * differs.
 */
function differs(vector: Vector, { ours, expected }: Comparison): boolean {
  if (vector.quirk !== undefined) return !isDeepStrictEqual(ours, expected);
  expect(ours).toEqual(expected);
  return false;
}

function testOwnFile<V extends Vector>(name: string, file: VectorFile<V>, compare: Compare<V>): void {
  for (const vector of file.vectors) {
    it(vector.name, () => checkOwn(name, vector, compared(vector, file, compare)));
  }
  it('has every vector that is listed as a deviation', () => {
    const names = new Set(file.vectors.map((vector) => vector.name));
    expect(deviations.filter((known) => known.file === name && !names.has(known.name))).toEqual([]);
  });
}

function testOtherFile<V extends Vector>(name: string, file: VectorFile<V>, compare: Compare<V>): void {
  const different: V[] = [];
  for (const vector of file.vectors) {
    it(vector.name, () => {
      if (differs(vector, compared(vector, file, compare))) different.push(vector);
    });
  }
  afterAll(() => {
    if (different.length === 0) return;
    const reasons = reasonsByQuirk();
    const lines = different.map(({ name: vector, quirk }) => {
      return `  ${vector}\n    recorded: ${quirk}\n    ours: ${reasons.get(quirk) ?? 'differs, and no reason is listed for this quirk'}`;
    });
    console.log(
      `${name}: ${different.length} vectors with a quirk of the recorded engine differ:\n${lines.join('\n')}`,
    );
  });
}

/** One test per vector of this kind. */
export function checkVectors<V extends Vector>(kind: string, compare: Compare<V>): void {
  const files = filesIn(folder);
  const ofKind = [...files].filter(([, file]) => file.kind === kind) as [string, VectorFile<V>][];
  if (files.size === 0) it('finds vectors', () => expect.fail(`There is no vector file in ${folder}`));
  else if (ofKind.length === 0) it.skip(`${kind}: there are none in this folder`, () => undefined);
  for (const [name, file] of ofKind) {
    describe(name, () => {
      if (folder === OWN_FOLDER) testOwnFile(name, file, compare);
      else testOtherFile(name, file, compare);
    });
  }
}
