import { PatternStore } from './pattern-store.ts';
import { createSecretAutomaton, type SecretAutomaton } from './secret-automaton.ts';
import { patternsOf } from './secret-patterns.ts';

// A secret is replaced by as many `*`, so that offsets in masked and raw output are the same numbers.
const STAR = 0x2a;

/**
 * Shorter secrets would mask ordinary words: with six characters a random base64 text of 1 MB contains a given secret
 * with a probability of 1.5e-5.
 */
export const MIN_SECRET_CHARACTERS = 6;

/** The secrets of this container, in every spelling that is searched for. The set grows and never shrinks. */
export interface SecretPatterns {
  /** Values shorter than MIN_SECRET_CHARACTERS are not masked. Returns how many were left out for that reason. */
  add(secrets: Iterable<string>): number;
  /** Returns a masker for a stream; null when there are no secrets. */
  automaton(): SecretAutomaton | null;
  /** Returns the length of the longest possible match. */
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

/** Masks a whole text into memory of the same length, and returns that memory. */
export function maskInto(masked: Buffer, data: Buffer, secretPatterns: SecretPatterns): Buffer {
  data.copy(masked);
  secretPatterns.automaton()?.search(data, (start, end) => masked.fill(STAR, start, end));
  return masked;
}

export function maskText(text: string, secretPatterns: SecretPatterns): string {
  return maskAll(Buffer.from(text), secretPatterns).toString();
}

/** Masks a stream that arrives in pieces. Bytes that may begin a secret are held back until the next piece. */
export interface Masker {
  /** Returns `data` itself, or memory that the next piece overwrites. `data` is not kept. */
  push(data: Buffer): Buffer;
  /** Returns the bytes held back, at the end of the stream. */
  end(): Buffer;
  /**
   * Returns the bytes held back when the rest of the stream is not read. Bytes that may begin a secret stay masked.
   */
  cut(): Buffer;
}

const NOTHING = Buffer.alloc(0);

export function createMasker(secretPatterns: SecretPatterns): Masker {
  // All pieces share this memory: with a fresh copy of each the agent's memory grew by 40 MB under a fast build, and
  // by 14 MB without (measured 2026-11).
  let raw: Buffer = NOTHING;
  let masked: Buffer = NOTHING;
  // The bytes kept for the next piece begin here in both buffers: those held back, and the byte before them, which
  // was given out.
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
