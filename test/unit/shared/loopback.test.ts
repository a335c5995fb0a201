import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopbackAddress, isLoopbackUrl } from '../../../shared/http/loopback.ts';

describe('isLoopbackUrl', () => {
  it.each([
    'http://127.0.0.1:8090',
    'http://127.1.2.3/x',
    'http://localhost',
    'http://LOCALHOST:8090',
    'http://[::1]:8090',
    'http://2130706433/', // the URL parser writes it as 127.0.0.1
    'http://0x7f.1/',
  ])('is true for %s', (url) => expect(isLoopbackUrl(url)).toBe(true));

  it.each([
    'http://127.evil.example',
    'http://127.0.0.1.evil.example:8090',
    'http://localhost.evil.example',
    'http://127.0.0.1@evil.example/',
    'http://evil.example/127.0.0.1',
    'http://128.0.0.1',
    'http://0.0.0.0:8090',
    'http://[::2]',
    'localhost',
    '',
  ])('is false for %s', (url) => expect(isLoopbackUrl(url)).toBe(false));

  it('knows no name that begins with 127. as this machine', () => {
    const name = fc.string({ unit: fc.constantFrom(...'abcxyz019.-'), minLength: 1, maxLength: 30 });
    fc.assert(fc.property(name, (rest) => !/[a-z]/.test(rest) || !isLoopbackAddress(`127.${rest}`)));
  });
});
