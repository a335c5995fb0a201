import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// Time cannot be asserted on a shared machine, so this asserts which comparison the code uses.
it('a signature is compared by timingSafeEqual and by nothing that stops at the first difference', () => {
  const source = readFileSync(new URL('../../../shared/keys/signing.ts', import.meta.url), 'utf8');
  const body = /function isSignedBy[\s\S]*?\n}\n/.exec(source)?.[0] ?? '';
  expect(body).toContain('timingSafeEqual(bytes, expected)');
  expect(body).not.toMatch(/\.equals\(|\.compare\(|given ===|=== given/);
});
