import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createMasker,
  createSecretPatterns,
  maskAll,
  type SecretPatterns,
} from '../../../agent/process/secrets/masker.ts';
import { SECRET_WRITERS, wrapped } from '../../kit/agent/secret-writers.ts';

// Longer than 4 KiB, so that the search skips text that cannot match, as it does in a build's output.
const FILLING = 'Step 7/12 : RUN make -j4 && ./run --tests "all of them" # 100% [done]\n    at index.js:42\n'.repeat(
  60,
);

function secretPatternsOf(...secrets: string[]): SecretPatterns {
  const secretPatterns = createSecretPatterns();
  secretPatterns.add(secrets);
  return secretPatterns;
}

function maskInPieces(data: Buffer, cuts: readonly number[], secretPatterns: SecretPatterns): Buffer {
  const masker = createMasker(secretPatterns);
  const places = [...cuts.map((cut) => cut % (data.length + 1)), 0, data.length].toSorted((a, b) => a - b);
  const pieces = places.slice(1).map((end, index) => Buffer.from(masker.push(data.subarray(places[index], end))));
  return Buffer.concat([...pieces, masker.end()]);
}

/**
 * Returns what masking leaves of `written`, once when the stream comes in one piece and once when it is cut near
 * `written`.
 */
function leftOf(written: string, secretPatterns: SecretPatterns, cuts: readonly number[]): string[] {
  const before = `${FILLING}value: "`;
  const data = Buffer.from(`${before}${written}"\n${FILLING}`);
  const [from, length] = [Buffer.byteLength(before), Buffer.byteLength(written)];
  const near = cuts.map((cut) => from + (cut % (length + 20)) - 10);
  const masked = [maskAll(data, secretPatterns), maskInPieces(data, near, secretPatterns)];
  for (const it of masked) {
    expect(it).toHaveLength(data.length);
    expect(it.subarray(0, from - 10).equals(data.subarray(0, from - 10))).toBe(true);
    expect(it.subarray(from + length + 10).equals(data.subarray(from + length + 10))).toBe(true);
  }
  return masked.map((it) => it.subarray(from, from + length).toString('latin1'));
}

const anyCharacter = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'abcXYZ0123456789') },
  { weight: 4, arbitrary: fc.constantFrom(...`'"\\\`$&<>/%+=!#;:,.?@ -_~(){}[]|^*`) },
  { weight: 1, arbitrary: fc.constantFrom('ä', 'ß', '€', '\u{1f511}', '\t', '\u001b', '密') },
);
const anySecret = fc
  .string({ unit: anyCharacter, minLength: 6, maxLength: 90 })
  .filter((text) => text.trim() === text && /[A-Za-z0-9].*[A-Za-z0-9].*[A-Za-z0-9]/.test(text));
const anyCuts = fc.array(fc.nat(1_000), { maxLength: 4 });

describe('a secret that an ordinary tool prints', () => {
  it.each(Object.entries(SECRET_WRITERS))('does not leak: %s', (_name, write) => {
    fc.assert(
      fc.property(anySecret, anyCuts, (secret, cuts) => {
        for (const left of leftOf(write(secret), secretPatternsOf(secret), cuts)) expect(left).toMatch(/^[*\n]*$/);
      }),
      { numRuns: 10 },
    );
  });

  // The digit 3 is also the end of its own code, %33, so a match could seem to begin one character later.
  const anyDigits = fc
    .string({ unit: fc.constantFrom(...`33310a'"ä`), minLength: 6, maxLength: 12 })
    .filter((text) => /[A-Za-z0-9].*[A-Za-z0-9].*[A-Za-z0-9]/.test(text));
  it.each(Object.entries(SECRET_WRITERS))('does not leak its first digit at any cut: %s', (_name, write) => {
    fc.assert(
      fc.property(anyDigits, (secret) => {
        const written = write(secret);
        const cuts = Array.from({ length: Buffer.byteLength(written) + 20 }, (_, cut) => [cut]);
        const secretPatterns = secretPatternsOf(secret);
        for (const cut of cuts.slice(10, 26)) {
          for (const left of leftOf(written, secretPatterns, cut)) expect(left).toMatch(/^[*\n]*$/);
        }
      }),
      { numRuns: 2, examples: [["33'aa'aa"], ["34a'a'ä'"]] },
    );
  });

  it('does not leak in base64, whatever stands around it and however it is wrapped', () => {
    const anyText = fc.string({ maxLength: 80 });
    const anyColumns = fc.constantFrom(4, 60, 64, 76, 10_000);
    const anyEnd = fc.constantFrom('\n', '\r\n', '\n    ', '\\n', '\\r\\n', ' ');
    fc.assert(
      fc.property(
        anySecret,
        anyText,
        anyText,
        anyColumns,
        anyEnd,
        anyCuts,
        (secret, before, after, columns, end, cuts) => {
          const secretPatterns = secretPatternsOf(secret);
          const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64');
          const secretFrom = Math.ceil((Buffer.byteLength(before) * 8) / 6);
          const secretTo = Math.ceil((Buffer.byteLength(before + secret) * 8) / 6);
          for (const alphabet of [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')]) {
            for (const left of leftOf(wrapped(alphabet, columns, end), secretPatterns, cuts)) {
              expect(clearDigits(left, columns, end).slice(secretFrom, secretTo)).not.toMatch(/[A-Za-z0-9+/_-]{2}/);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ...['JSON of JavaScript', 'JSON of Python', 'JSON of PHP', 'JSON of Go', 'JSON of Ruby on Rails'],
    ...['encodeURIComponent', 'encodeURI', 'urllib.parse.quote', 'java.net.URLEncoder'],
  ] as const)('does not leak in base64 of a text that has it as %s', (name) => {
    const write = SECRET_WRITERS[name] as (text: string) => string;
    fc.assert(
      fc.property(anySecret, fc.string({ maxLength: 20 }), anyCuts, (secret, before, cuts) => {
        const written = write(secret);
        const encoded = Buffer.from(`${before}${written}"}`).toString('base64');
        const from = Math.ceil((Buffer.byteLength(before) * 8) / 6);
        const to = Math.ceil((Buffer.byteLength(before + written) * 8) / 6);
        for (const left of leftOf(encoded, secretPatternsOf(secret), cuts))
          expect(left.slice(from, to)).not.toMatch(/[A-Za-z0-9+/]{2}/);
      }),
      { numRuns: 30 },
    );
  });

  it('does not leak line by line, whoever writes the lines of a key, even lines of eight characters', () => {
    const anyLine = fc
      .string({ unit: anyCharacter, minLength: 7, maxLength: 70 })
      .map((line) => `${line.trim()}7`)
      .filter((line) => line.length >= 8);
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 2, maxLength: 4 }), anyCuts, (lines, cuts) => {
        const secret = `${lines.join('\n')}\n`;
        const secretPatterns = secretPatternsOf(secret);
        for (const [name, write] of Object.entries(SECRET_WRITERS)) {
          for (const line of lines) {
            for (const left of leftOf(write(line), secretPatterns, cuts))
              expect(`${name}: ${left}`).toMatch(/: [*\n]*$/);
          }
        }
        const encoded = wrapped(Buffer.from(secret).toString('base64'), 64, '\n');
        // The masker may leave a line end, which has one digit and parts of two others.
        for (const left of leftOf(encoded, secretPatterns, cuts)) expect(left).not.toMatch(/[A-Za-z0-9+/]{4}/);
      }),
      { numRuns: 5 },
    );
  });

  it('does not leak when more is printed than the search remembers', () => {
    const keys = Array.from({ length: 6 }, (_, number) => {
      const lines = wrapped(
        fc.sample(fc.base64String({ minLength: 2_400, maxLength: 2_400 }), { numRuns: 1, seed: number })[0]!,
        70,
        '\n',
      );
      return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
    });
    const printed = keys.join('').repeat(2);
    const left = maskAll(Buffer.from(printed), secretPatternsOf(...keys)).toString();
    expect(left.replaceAll(/-----(BEGIN|END) PRIVATE KEY-----/g, '')).toMatch(/^[*\n]+$/);
  });

  it.each([' ', '\n', '\r\n', '\n      ', '\\n', '\\r\\n', '\\\\n', '%0A', '&#10;'])(
    'does not leak where its lines are joined by %j',
    (joined) => {
      const secret = 'user: wip\nkey: c2VjcmV0LXZhbHVl\nid: 7';
      for (const left of leftOf(secret.replaceAll('\n', joined), secretPatternsOf(secret), [3, 17, 40])) {
        expect(left).toMatch(/^\*+$/);
      }
    },
  );
});

describe('what is no secret to the masker', () => {
  it('is not masked: of random text nothing, and of a build nothing but the secret', () => {
    const secrets = ['hunter2-correct-horse', "it's/a+b&c<d>", 'tok_4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c', 'päss wörd'];
    const secretPatterns = secretPatternsOf(...secrets);
    // Lines that share much with the secrets: the characters they are written with, their beginnings, dumps.
    const fragment = fc.constantFrom(
      ...[
        'hunter',
        'hunter2-',
        'correct',
        "it's",
        'tok_',
        'tok_4f9a8b',
        '4f9a8b7c',
        'p\\u00e4',
        '%68%75',
        '&#x27;',
        '68 75',
      ],
      ...['\n', '\r\n', ' ', '    ', '\\', '=', '%', '&', "'\\''", '""', 'aHVudGVy', 'dG9rXz', '104, 117', '-'],
    );
    const text = fc.array(fc.oneof(fragment, fc.string({ maxLength: 12 }), fc.base64String({ maxLength: 60 })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(text, anyCuts, (pieces, cuts) => {
        const data = Buffer.from(pieces.join('') + FILLING);
        fc.pre(!pieces.join('').includes('hunter2-correct'));
        expect(maskInPieces(data, cuts, secretPatterns).equals(data)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

/** Returns the digits at their positions in the unwrapped text. A line end may be masked or not. */
function clearDigits(left: string, columns: number, end: string): string {
  let digits = '';
  for (let at = 0; at < left.length; at += columns + end.length) digits += left.slice(at, at + columns);
  return digits;
}
