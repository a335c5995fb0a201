import type { Random } from '../../controlplane/statetable/seeded-random.ts';

/** Texts that have broken parsers elsewhere. */
const SPITEFUL = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\0',
  '\r',
  '\r\n',
  '\n',
  '\n\n',
  '\t',
  '\u2028',
  '\u0085',
  '\uFEFF',
  '\u{1F600}',
  '\u200b',
  '\u0130',
  '-1',
  '-0',
  '1e309',
  '9007199254740993',
  'NaN',
  '0x10',
  '1.10',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '\\',
  ':',
  '=',
  '#',
  '%',
  '$',
  '*',
  '&',
  '!',
  '|',
  '>',
  '-',
  ' ',
  '../',
  '%00',
  '%',
];
const SPITEFUL_BYTES = [
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0, 0, 0],
  [0, 0, 0, 0],
  [0xed, 0xa0, 0x80],
  [0xc0, 0xaf],
  [0xf4, 0x90, 0x80, 0x80],
].map((bytes) => Buffer.from(bytes));

// Long enough for every grammar here. Longer inputs take more time.
const MAX_BYTES = 4_096;
const MAX_MUTATIONS = 8;

export interface Ingredients {
  /** Whole inputs worth keeping, good and bad. */
  readonly corpus: readonly Buffer[];
  /** Words of the grammar. */
  readonly pieces: readonly string[];
}

/** Makes an input from random bytes, from words of the grammar, or from a kept input with small changes. */
export function makeInput(random: Random, ingredients: Ingredients): Buffer {
  const way = random();
  if (way < 0.05) return Buffer.from(Array.from({ length: below(random, 200) }, () => below(random, 256)));
  if (way < 0.35 || ingredients.corpus.length === 0) {
    return cut(Buffer.from(Array.from({ length: below(random, 60) }, () => word(random, ingredients)).join('')));
  }
  let input = pick(random, ingredients.corpus);
  const mutations = 1 + below(random, MAX_MUTATIONS);
  for (let count = 0; count < mutations; count += 1) input = mutate(random, input, ingredients);
  return cut(input);
}

function mutate(random: Random, input: Buffer, ingredients: Ingredients): Buffer {
  const at = below(random, input.length + 1);
  const end = Math.min(input.length, at + below(random, 1 + Math.min(64, input.length)));
  const [before, middle, after] = [input.subarray(0, at), input.subarray(at, end), input.subarray(end)];
  switch (below(random, 8)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, middle, middle, after]);
    case 2:
      return Buffer.concat([before, Buffer.from(word(random, ingredients)), middle, after]);
    case 3:
      return Buffer.concat([before, Buffer.from(word(random, ingredients)), after]);
    case 4:
      return Buffer.concat([before, pick(random, SPITEFUL_BYTES), after]);
    case 5: {
      const other = pick(random, ingredients.corpus);
      return Buffer.concat([before, other.subarray(below(random, other.length + 1))]);
    }
    case 6:
      return before;
    default: {
      const changed = Buffer.from(input);
      if (at < changed.length) changed[at] = changed[at]! ^ (1 << below(random, 8));
      return changed;
    }
  }
}

function word(random: Random, { pieces }: Ingredients): string {
  return pieces.length > 0 && random() < 0.7 ? pick(random, pieces) : pick(random, SPITEFUL);
}

function cut(input: Buffer): Buffer {
  return input.subarray(0, MAX_BYTES);
}

function pick<T>(random: Random, all: readonly T[]): T {
  return all[below(random, all.length)]!;
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
