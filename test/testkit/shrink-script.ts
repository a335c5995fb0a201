import type { TaskScript } from './script.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

// Each attempt runs the task once. The parts of a script are few: most fall within the first fifty (ours, by trial).
const MAX_ATTEMPTS = 500;

/**
 * Returns the shortest script found that still shows the problem: faults are dropped, containers joined, durations
 * shortened, one after the other, for as long as that makes it shorter.
 */
export async function shrinkScript(
  script: TaskScript,
  showsIt: (script: TaskScript) => Promise<boolean>,
): Promise<TaskScript> {
  let best = script as Json;
  let attempts = 0;
  const accepts = async (candidate: Json): Promise<boolean> => {
    if (attempts >= MAX_ATTEMPTS) return false;
    attempts += 1;
    if (!(await showsIt(candidate as TaskScript))) return false;
    best = candidate;
    return true;
  };
  for (let isShorter = true; isShorter;) {
    isShorter = false;
    for (const candidate of simplerThan(best)) {
      if (!(await accepts(candidate))) continue;
      // The other candidates were made of the longer script.
      isShorter = true;
      break;
    }
  }
  return best as TaskScript;
}

/** Yields simpler values: the boldest first. */
function* simplerThan(value: Json): Generator<Json> {
  if (Array.isArray(value)) {
    for (let index = value.length - 1; index >= 0; index -= 1) yield value.toSpliced(index, 1);
    for (const [index, item] of value.entries())
      for (const simpler of simplerThan(item)) yield value.with(index, simpler);
  } else if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) yield without(value, name);
    for (const [name, item] of Object.entries(value))
      for (const simpler of simplerThan(item)) yield { ...value, [name]: simpler };
  } else if (typeof value === 'number') {
    yield* shorterThan(value);
  }
}

function without(value: { [name: string]: Json }, name: string): Json {
  const { [name]: _dropped, ...rest } = value;
  return rest;
}

function* shorterThan(value: number): Generator<number> {
  if (value > 1) yield 1;
  if (value > 2) yield Math.ceil(value / 2);
  if (value > 20) yield Math.floor(value * 0.9);
  if (!Number.isInteger(value)) yield Math.ceil(value);
}
