import { describe, expect, it } from 'vitest';
import { hasNoUser, isBaseAddress, shownAddress } from '../../../shared/text/shown-address.ts';

describe('an address with a password', () => {
  it.each([
    ['https://u:pw@x.example/a', 'https://u:hidden@x.example/a'],
    ['https://token@x.example/a', 'https://hidden@x.example/a'],
    ['https://:pw@x.example', 'https://:hidden@x.example/'],
    ['postgres://wip@db/wip', 'postgres://wip@db/wip'],
    [
      'postgres://wip:pw@db/wip?sslmode=require&sslpassword=pw',
      'postgres://wip:hidden@db/wip?sslmode=require&sslpassword=hidden',
    ],
    ['https://x.example/hook?access_token=pw', 'https://x.example/hook?access_token=hidden'],
    ['socks5://u:pw@proxy', 'socks5://u:hidden@proxy'],
    ['http://u:p w@x y', '(hidden)'],
  ])('is shown without it: %s', (given, shown) => expect(shownAddress(given)).toBe(shown));

  it.each(['https://x.example', 'wip-build:latest', 'a text: with a colon', ''])('%j stays as it is', (text) =>
    expect(shownAddress(text)).toBe(text),
  );

  it('is no address of a service', () => {
    for (const address of ['https://u:p@x', 'https://u@x', 'https://x/?a', 'https://x/#', 'https://x?']) {
      expect(isBaseAddress(address), address).toBe(false);
    }
    expect(isBaseAddress('https://x.example/wip')).toBe(true);
    expect([hasNoUser('https://u@x'), hasNoUser('https://x/?a')]).toEqual([false, true]);
  });
});
