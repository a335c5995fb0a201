// Secrets are replaced by `*` of equal length, so that offsets in masked and raw output are the same numbers.
const STAR = 0x2a;

/**
 * Shorter ones would mask ordinary words: with six characters a random base64 text of 1 MB contains a given needle
 * with a probability of 1.5e-5.
 */
export const MIN_NEEDLE_CHARACTERS = 6;

/** A line of a key is masked by itself, since tools print keys with their own line ends; shorter lines say little. */
const MIN_LINE_CHARACTERS = 16;

interface Needle {
  readonly bytes: Buffer;
  /** For each length of a matched beginning, the next shorter beginning that also matches (Knuth, Morris, Pratt). */
  readonly failure: Int32Array;
}

/** The secrets of this container in every form in which they are searched for; grows, never shrinks. */
export interface Needles {
  /** Values shorter than MIN_NEEDLE_CHARACTERS are not masked; answers how many were left out for that. */
  add(secrets: Iterable<string>): number;
  all(): readonly Needle[];
  longestBytes(): number;
}

export function createNeedles(): Needles {
  const known = new Set<string>();
  const needles: Needle[] = [];
  let longest = 0;
  return {
    add(secrets) {
      let tooShort = 0;
      for (const secret of secrets) {
        if (secret.length < MIN_NEEDLE_CHARACTERS) tooShort += 1;
        for (const form of forms(secret)) {
          if (form.length < MIN_NEEDLE_CHARACTERS || known.has(form)) continue;
          known.add(form);
          const bytes = Buffer.from(form);
          needles.push({ bytes, failure: failureTable(bytes) });
          longest = Math.max(longest, bytes.length);
        }
      }
      return tooShort;
    },
    all: () => needles,
    longestBytes: () => longest,
  };
}

/** As it is, JSON and URI encoded, base64 in all three phases and both alphabets, and each line of a long text. */
function* forms(secret: string): Generator<string> {
  if (secret.length < MIN_NEEDLE_CHARACTERS) return;
  yield secret;
  yield JSON.stringify(secret).slice(1, -1);
  // A lone surrogate has no URI encoding.
  if (secret.isWellFormed()) yield encodeURIComponent(secret);
  for (const encoded of base64Phases(Buffer.from(secret))) {
    yield encoded;
    yield encoded.replaceAll('+', '-').replaceAll('/', '_');
  }
  for (const line of secret.split(/\r?\n/)) {
    // The frame of a PEM text ("-----BEGIN …") is no secret, and masking it would hide what a message is about.
    if (line !== secret && line.length >= MIN_LINE_CHARACTERS && !line.startsWith('-----')) yield line;
  }
}

/** What base64 of a text that contains the secret must contain, whatever stands 0, 1 or 2 bytes before it. */
function base64Phases(secret: Buffer): string[] {
  return [0, 1, 2].map((phase) => {
    const encoded = Buffer.concat([Buffer.alloc(phase), secret]).toString('base64');
    const first = Math.ceil((phase * 8) / 6);
    const end = Math.floor(((phase + secret.length) * 8) / 6);
    return encoded.slice(first, end);
  });
}

function failureTable(bytes: Buffer): Int32Array {
  const failure = new Int32Array(bytes.length);
  let matched = 0;
  for (let at = 1; at < bytes.length; at += 1) {
    while (matched > 0 && bytes[at] !== bytes[matched]) matched = failure[matched - 1]!;
    if (bytes[at] === bytes[matched]) matched += 1;
    failure[at] = matched;
  }
  return failure;
}

/** How many bytes at the end of `data` could be the beginning of `needle`. */
function openEnd(data: Buffer, { bytes, failure }: Needle): number {
  let matched = 0;
  for (let at = Math.max(0, data.length - bytes.length + 1); at < data.length; at += 1) {
    while (matched > 0 && data[at] !== bytes[matched]) matched = failure[matched - 1]!;
    if (data[at] === bytes[matched]) matched += 1;
  }
  return matched;
}

/** Overwrites every occurrence of every needle in `masked`, found in the untouched `raw`. */
function overwrite(raw: Buffer, masked: Buffer, needles: readonly Needle[]): void {
  for (const { bytes } of needles) {
    for (let at = raw.indexOf(bytes); at !== -1; at = raw.indexOf(bytes, at + 1))
      masked.fill(STAR, at, at + bytes.length);
  }
}

/** Masks a whole text at once. */
export function maskAll(data: Buffer, needles: Needles): Buffer {
  const masked = Buffer.from(data);
  overwrite(data, masked, needles.all());
  return masked;
}

export function maskText(text: string, needles: Needles): string {
  return maskAll(Buffer.from(text), needles).toString();
}

/** Masks a stream that comes in pieces; what may be the beginning of a secret is held back until the next piece. */
export interface Masker {
  /** The answer is `data` itself, or memory that the next piece overwrites; `data` is not kept. */
  push(data: Buffer): Buffer;
  /** What was held back, when nothing more comes. */
  end(): Buffer;
}

const NOTHING = Buffer.alloc(0);

export function createMasker(needles: Needles): Masker {
  // The same memory for every piece: with a fresh copy of each the agent's memory grew by 40 MB under a fast build,
  // and by 14 MB without (measured 2026-11).
  let raw: Buffer = NOTHING;
  let masked: Buffer = NOTHING;
  // What is held back lies here in both.
  let heldFrom = 0;
  let held = 0;

  function makeRoom(bytes: number): void {
    const grown = (old: Buffer): Buffer => {
      const store = bytes > old.length ? Buffer.allocUnsafeSlow(bytes) : old;
      old.copy(store, 0, heldFrom, heldFrom + held);
      return store;
    };
    raw = grown(raw);
    masked = grown(masked);
    heldFrom = 0;
  }

  return {
    push(data) {
      const current = needles.all();
      if (current.length === 0) return data;
      const length = held + data.length;
      makeRoom(length);
      data.copy(raw, held);
      data.copy(masked, held);
      const all = raw.subarray(0, length);
      overwrite(all, masked, current);
      held = current.reduce((most, needle) => Math.max(most, openEnd(all, needle)), 0);
      heldFrom = length - held;
      return masked.subarray(0, heldFrom);
    },
    end() {
      const rest = masked.subarray(heldFrom, heldFrom + held);
      raw = masked = NOTHING;
      heldFrom = held = 0;
      return rest;
    },
  };
}
