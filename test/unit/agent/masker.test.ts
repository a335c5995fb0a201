import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createMasker,
  createSecretPatterns,
  maskAll,
  maskText,
  MIN_SECRET_CHARACTERS,
} from '../../../agent/process/secrets/masker.ts';

const SECRET = 'hunter2-correct/horse+"battery"';

function secretPatternsOf(...secrets: string[]): ReturnType<typeof createSecretPatterns> {
  const secretPatterns = createSecretPatterns();
  secretPatterns.add(secrets);
  return secretPatterns;
}

/** Cuts the stream at the given positions and masks it piece by piece. */
function maskInPieces(
  data: Buffer,
  cuts: readonly number[],
  secretPatterns: ReturnType<typeof createSecretPatterns>,
): Buffer {
  const masker = createMasker(secretPatterns);
  const places = [...cuts.map((cut) => cut % (data.length + 1)), 0, data.length].toSorted((a, b) => a - b);
  const pieces = places.slice(1).map((end, index) => Buffer.from(masker.push(data.subarray(places[index], end))));
  return Buffer.concat([...pieces, masker.end()]);
}

describe('masking', () => {
  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify({ secret: SECRET })],
    ['in a URI', `https://x/?q=${encodeURIComponent(SECRET)}`],
    ['in base64', Buffer.from(`x${SECRET}yz`).toString('base64')],
    ['in base64, shifted by one', Buffer.from(`xy${SECRET}z`).toString('base64')],
    ['in base64, shifted by two', Buffer.from(`${SECRET}`).toString('base64url')],
  ])('finds a secret %s', (_how, text) => {
    const masked = maskText(`before ${text} after`, secretPatternsOf(SECRET));
    expect(masked).toHaveLength(`before ${text} after`.length);
    expect(masked).toMatch(/^before .*\*{16,}.* after$/s);
    expect(masked).not.toContain('hunter2');
  });

  it('finds each line of a private key, whatever the line ends', () => {
    const key = '-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\nQyNTUxOQAAACDtQlW0rM9v3YDk\n-----END KEY-----\n';
    const masked = maskText(key.replaceAll('\n', '\r\n'), secretPatternsOf(key));
    expect(masked).not.toMatch(/b3Blbn|QyNTUx/);
    expect(masked).toContain('-----BEGIN KEY-----');
  });

  it('leaves secrets alone that are too short to be told from words, and says how many', () => {
    const secretPatterns = createSecretPatterns();
    expect(secretPatterns.add(['short', 'longer-one'])).toBe(1);
    expect(maskText('short longer-one', secretPatterns)).toBe(`short ${'*'.repeat(10)}`);
    expect(MIN_SECRET_CHARACTERS).toBe(6);
  });

  it('masks secrets that overlap or contain each other', () => {
    expect(maskText('abcdefghij', secretPatternsOf('abcdef', 'defghi'))).toBe('*********j');
    expect(maskText('aaaaaaaaaa', secretPatternsOf('aaaaaaa'))).toBe('**********');
  });

  it('is the same however the stream is cut, and keeps the length', () => {
    // With a small alphabet secrets overlap themselves and each other.
    const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 6, maxLength: 9 });
    // A number stands for a secret, because a random text would hardly ever contain one.
    const filler = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 12 });
    const stream = fc.array(fc.oneof(filler, fc.nat()), { maxLength: 10 });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 3 }),
        stream,
        fc.array(fc.nat(), { maxLength: 8 }),
        (secrets, parts, cuts) => {
          const secretPatterns = secretPatternsOf(...secrets);
          const text = parts.map((part) => (typeof part === 'number' ? secrets[part % secrets.length] : part));
          const data = Buffer.from(text.join(''));
          const whole = maskAll(data, secretPatterns);
          expect(maskInPieces(data, cuts, secretPatterns).toString()).toBe(whole.toString());
          expect(whole).toHaveLength(data.length);
          for (const secret of secrets) expect(whole.includes(secret)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('holds nothing back that cannot become a secret', () => {
    const masker = createMasker(secretPatternsOf('secret-value'));
    expect(masker.push(Buffer.from('all of that')).toString()).toBe('all of that');
    expect(masker.push(Buffer.from(' and sec')).toString()).toBe(' and ');
    expect(masker.push(Buffer.from('tion')).toString()).toBe('section');
  });
});
