import { seededRandom } from '../../controlplane/statetable/seeded-random.ts';
import { OperationalError } from '../../shared/model/error.ts';
import { makeInput, type Ingredients } from './make-input.ts';

/** A parser with its promises. */
export interface Target {
  readonly name: string;
  readonly pieces: readonly string[];
  /** Share of this target in a hundred inputs. */
  readonly share: number;
  /** Parses the input and throws when a promise beside "only its own errors" is broken, such as a round trip. */
  run(input: Buffer): void | Promise<void>;
  /** Returns whether the parser is documented to throw this error. OperationalError is always accepted. */
  accepts?(error: unknown): boolean;
  /** Ends everything that the target has started beside this thread. */
  close?(): void | Promise<void>;
}

export interface Finding {
  readonly target: string;
  readonly what: string;
  readonly input: Buffer;
  /** Seed under which the input was made; an entry of the corpus has no run. */
  readonly seed?: number;
  readonly run?: number;
}

export interface FuzzOrder {
  readonly seed: number;
  readonly first: number;
  readonly runs: number;
  readonly onRun?: (run: number) => void;
}

// A broken parser breaks a thousand times in the same way.
const MAX_FINDINGS = 5;
const MAX_SHRINKS = 300;

/** Every input depends on its seed and number alone, so one run can be repeated without the earlier ones. */
export function inputOf(seed: number, run: number, ingredients: Ingredients): Buffer {
  return makeInput(seededRandom(Math.imul(seed, 0x9e3779b1) ^ run), ingredients);
}

export async function fuzzTarget(target: Target, corpus: readonly Buffer[], order: FuzzOrder): Promise<Finding[]> {
  const findings = new Map<string, Finding>();
  const ingredients = { corpus, pieces: target.pieces };
  for (let run = order.first; run < order.first + order.runs && findings.size < MAX_FINDINGS; run += 1) {
    order.onRun?.(run);
    const input = inputOf(order.seed, run, ingredients);
    const what = await tryInput(target, input);
    if (what === null || findings.has(kindOf(what))) continue;
    findings.set(kindOf(what), {
      target: target.name,
      what,
      input: await shrink(target, input, what),
      seed: order.seed,
      run,
    });
  }
  return [...findings.values()];
}

/** Returns the promise that the target breaks with this input; null when it breaks none. */
export async function tryInput(target: Target, input: Buffer): Promise<string | null> {
  try {
    const running = target.run(input);
    if (running) await running;
  } catch (error) {
    if (!(error instanceof OperationalError) && !target.accepts?.(error)) {
      return error instanceof Error ? `${error.name}: ${error.message}` : `threw ${String(error)}`;
    }
    if (error instanceof Error && error.message.trim() === '') return 'an error without a message';
  }
  return pollution();
}

/** Returns properties that a parser has left in the prototypes of all objects, and removes them. */
function pollution(): string | null {
  for (const shared of [Object.prototype, Array.prototype, Function.prototype]) {
    const [key] = Object.keys(shared);
    if (key === undefined) continue;
    Reflect.deleteProperty(shared, key);
    return `prototype pollution: the key ${JSON.stringify(key)}`;
  }
  return null;
}

function kindOf(what: string): string {
  return what.replace(/[0-9]+|"[^"]*"|'[^']*'/g, '').slice(0, 60);
}

/** Removes pieces as long as the same promise stays broken. */
async function shrink(target: Target, input: Buffer, what: string): Promise<Buffer> {
  let smallest = input;
  let tries = 0;
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length && tries < MAX_SHRINKS; tries += 1) {
      const smaller = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      const still = await tryInput(target, smaller);
      if (still !== null && kindOf(still) === kindOf(what)) smallest = smaller;
      else at += size;
    }
  }
  return smallest;
}
