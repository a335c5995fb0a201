import { PatternStore } from './pattern-store.ts';
import { createSecretAutomaton, type SecretAutomaton } from './secret-automaton.ts';
import { patternsOf } from './secret-patterns.ts';

// Secrets are replaced by `*` of equal length, so that offsets in masked and raw output are the same numbers.
const STAR = 0x2a;

/**
 * Shorter ones would mask ordinary words: with six characters a random base64 text of 1 MB contains a given secret
 * with a probability of 1.5e-5.
 */
export const MIN_SECRET_CHARACTERS = 6;

/** The secrets of this container, in every way in which they are searched for; grows, never shrinks. */
export interface SecretPatterns {
  /** Values shorter than MIN_SECRET_CHARACTERS are not masked; returns how many were left out for that. */
  add(secrets: Iterable<string>): number;
  /** Null without secrets. */
  automaton(): SecretAutomaton | null;
  /** No match is longer. */
  longestBytes(): number;
}

export function createSecretPatterns(): SecretPatterns {
  const known = new Set<string>();
  const store = new PatternStore();
  let automaton: SecretAutomaton | null = null;
  return {
    add(secrets) {
      let tooShort = 0;
      for (const secret of secrets) {
        if (secret.trim().length < MIN_SECRET_CHARACTERS) tooShort += 1;
        if (known.has(secret)) continue;
        known.add(secret);
        for (const pattern of patternsOf(secret, MIN_SECRET_CHARACTERS)) {
          store.add(pattern);
          automaton = null;
        }
      }
      return tooShort;
    },
    automaton: () => (automaton ??= store.starts().length === 0 ? null : createSecretAutomaton(store)),
    longestBytes: () => store.longestBytes(),
  };
}

/** Masks a whole text at once. */
export function maskAll(data: Buffer, secretPatterns: SecretPatterns): Buffer {
  return maskInto(Buffer.allocUnsafeSlow(data.length), data, secretPatterns);
}

/** Masks a whole text into memory of the same length, and returns that. */
export function maskInto(masked: Buffer, data: Buffer, secretPatterns: SecretPatterns): Buffer {
  data.copy(masked);
  secretPatterns.automaton()?.search(data, (start, end) => masked.fill(STAR, start, end));
  return masked;
}

export function maskText(text: string, secretPatterns: SecretPatterns): string {
  return maskAll(Buffer.from(text), secretPatterns).toString();
}

/** Masks a stream that comes in pieces; what may be the beginning of a secret is held back until the next piece. */
export interface Masker {
  /** The answer is `data` itself, or memory that the next piece overwrites; `data` is not kept. */
  push(data: Buffer): Buffer;
  /** What was held back, when nothing more comes. */
  end(): Buffer;
  /** The same when more came and is not read: what may be the beginning of a secret stays masked. */
  cut(): Buffer;
}

const NOTHING = Buffer.alloc(0);

export function createMasker(secretPatterns: SecretPatterns): Masker {
  // The same memory for every piece: with a fresh copy of each the agent's memory grew by 40 MB under a fast build,
  // and by 14 MB without (measured 2026-11).
  let raw: Buffer = NOTHING;
  let masked: Buffer = NOTHING;
  // What is kept for the next piece lies here in both: what is held back, and the byte before it, which was given out.
  let keptFrom = 0;
  let kept = 0;
  let given = 0;

  function makeRoom(bytes: number): void {
    const grown = (old: Buffer): Buffer => {
      const store = bytes > old.length ? Buffer.allocUnsafeSlow(bytes) : old;
      old.copy(store, 0, keptFrom, keptFrom + kept);
      return store;
    };
    raw = grown(raw);
    masked = grown(masked);
    keptFrom = 0;
  }

  return {
    push(data) {
      const automaton = secretPatterns.automaton();
      if (automaton === null || data.length === 0) return data;
      const length = kept + data.length;
      makeRoom(length);
      data.copy(raw, kept);
      data.copy(masked, kept);
      const held = automaton.search(raw.subarray(0, length), (start, end) => masked.fill(STAR, start, end));
      const answer = masked.subarray(given, Math.max(held, given));
      given = held > 0 ? 1 : given;
      keptFrom = Math.max(0, held - 1);
      kept = length - keptFrom;
      return answer;
    },
    cut() {
      masked.fill(STAR, keptFrom + given, keptFrom + kept);
      return this.end();
    },
    end() {
      const rest = masked.subarray(keptFrom + given, keptFrom + kept);
      raw = masked = NOTHING;
      keptFrom = kept = given = 0;
      return rest;
    },
  };
}
