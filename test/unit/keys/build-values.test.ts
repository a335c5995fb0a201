import {
  createCipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';
import fc from 'fast-check';
import { calculateJwkThumbprint, CompactEncrypt, decodeProtectedHeader, importSPKI } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  createBuildKey,
  describeBuildKey,
  openBuildValue,
  sealBuildValue,
  type BuildKey,
} from '../../../controlplane/keys/build-values.ts';
import { OperationalError } from '../../../shared/model/error.ts';

// A key and a value that were made by version 0.1.
const OLD_KEY: BuildKey = {
  publicKey:
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEANuNP5bhX/REdfxi5yRgDiGnjRW0UGLbxikATijnfWSE=\n-----END PUBLIC KEY-----\n',
  privateKey:
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEICD/ZTinLYA6tQO0qj0jO3ifL48Z6DHfxw/+qe711iJF\n-----END PRIVATE KEY-----\n',
};
const OLD_VALUE =
  'wipb1.MCowBQYDK2VuAyEAntzG2jPrGozPbsadivJcZ-wbuo4cIttbKJUoc9KokAsRZb_LLAMe53WlsCGrQKDuZQaMVLEwf3GGGBFmxBZSAckjqkhW2Uzs';

const NEW_KEY = createBuildKey();

/** Seals with ECDH-ES and A256GCM as RFC 7516 and 7518 describe it, using only the primitives. */
function sealByHand(publicKeyPem: string, value: string): string {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = ephemeral.publicKey.export({ format: 'jwk' });
  const header = JSON.stringify({ alg: 'ECDH-ES', enc: 'A256GCM', epk: { kty, crv, x, y } });
  const [aad, name, nonce] = [Buffer.from(header).toString('base64url'), Buffer.from('A256GCM'), randomBytes(12)];
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: createPublicKey(publicKeyPem) });
  const number = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 0xff]);
  const info = [number(1), shared, number(name.length), name, number(0), number(0), number(256)];
  const key = createHash('sha256').update(Buffer.concat(info)).digest();
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad));
  const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
  return [aad, '', ...[nonce, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.');
}

const refusal = expect.objectContaining({
  code: 'SEALED_UNREADABLE',
  message: expect.stringMatching(/is damaged, or was never sealed for this installation/) as string,
}) as Error;

describe('secure values of build files', () => {
  it.each([
    ['a key of today', NEW_KEY],
    ['a key that an installation has from before', OLD_KEY],
  ])('are sealed by anybody and opened by the installation only, with %s', async (_, key) => {
    const sealed = await sealBuildValue(key.publicKey, 'hunter22 ✓');
    expect(await openBuildValue([key], sealed)).toBe('hunter22 ✓');
    expect(await openBuildValue([key], ` ${sealed}\n`)).toBe('hunter22 ✓');
    await expect(openBuildValue([createBuildKey()], sealed)).rejects.toThrow(
      /is sealed with the key [\w-]{43}, which this installation does not have\. Seal it again/,
    );
  });

  it('are JSON Web Encryptions that name the key they are for', async () => {
    const headers = await Promise.all(
      [NEW_KEY, NEW_KEY, OLD_KEY].map(async ({ publicKey }) =>
        decodeProtectedHeader(await sealBuildValue(publicKey, 'x')),
      ),
    );
    expect(headers[0]).toMatchObject({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      kid: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(headers[1]?.kid).toBe(headers[0]?.kid);
    expect(headers[2]?.kid).not.toBe(headers[0]?.kid);
    expect(headers[1]?.epk).not.toEqual(headers[0]?.epk);
  });

  it('are opened when another tool sealed them', async () => {
    expect(await openBuildValue([NEW_KEY], sealByHand(NEW_KEY.publicKey, 'by hand ✓'))).toBe('by hand ✓');
    // These are the algorithms that the command line tool of latchset/jose chooses.
    const wrapped = await new CompactEncrypt(Buffer.from('wrapped'))
      .setProtectedHeader({ alg: 'ECDH-ES+A128KW', enc: 'A128CBC-HS256' })
      .encrypt(await importSPKI(NEW_KEY.publicKey, 'ECDH-ES+A128KW'));
    expect(await openBuildValue([NEW_KEY], wrapped)).toBe('wrapped');
  });

  it('are opened in the format of version 0.1', async () => {
    expect(await openBuildValue([OLD_KEY], OLD_VALUE)).toBe('hunter22 ✓');
    await expect(openBuildValue([NEW_KEY], OLD_VALUE)).rejects.toThrow(refusal);
  });

  it('are refused when a byte of them is another, and so is every other text', async () => {
    const sealed: [BuildKey, string][] = [
      [NEW_KEY, await sealBuildValue(NEW_KEY.publicKey, 'hunter22')],
      [OLD_KEY, OLD_VALUE],
    ];
    const changed = fc
      .tuple(fc.constantFrom(...sealed), fc.nat(), fc.constantFrom(...'Aa0._'))
      .map(([[key, text], at, other]): [BuildKey, string] => {
        const place = at % (text.length - 1);
        // The last character of a part may hold unused bits, in which another one can differ and mean the same bytes.
        const isLastOfPart = text[place + 1] === '.';
        return [key, text[place] === other || isLastOfPart ? '' : text.slice(0, place) + other + text.slice(place + 1)];
      });
    const anything = fc.tuple(fc.constantFrom(NEW_KEY, OLD_KEY), fc.string());
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, anything), async ([key, text]) => {
        const error: unknown = await openBuildValue([key], text).then(
          () => new Error(`opened: ${text}`),
          (cause: unknown) => cause,
        );
        expect(error).toBeInstanceOf(OperationalError);
      }),
    );
  });

  it('are refused when they are compressed: a small text could unfold to a large one', async () => {
    const bomb = await new CompactEncrypt(Buffer.alloc(100_000))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', zip: 'DEF' })
      .encrypt(await importSPKI(NEW_KEY.publicKey, 'ECDH-ES'));
    await expect(openBuildValue([NEW_KEY], bomb)).rejects.toThrow(refusal);
  });

  describe('of several keys', () => {
    const newest = createBuildKey();
    const keys = [newest, NEW_KEY, OLD_KEY];

    it('each generation and format opens', async () => {
      const values = await Promise.all(keys.map(({ publicKey }) => sealBuildValue(publicKey, 'hunter22')));
      for (const value of [...values, sealByHand(NEW_KEY.publicKey, 'hunter22'), OLD_VALUE]) {
        expect(await openBuildValue(keys, value)).toMatch(/^hunter22/);
      }
    });

    it('a value opens that names its key as another tool likes', async () => {
      const named = await new CompactEncrypt(Buffer.from('mine'))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'our build key' })
        .encrypt(await importSPKI(NEW_KEY.publicKey, 'ECDH-ES'));
      expect(await openBuildValue(keys, named)).toBe('mine');
    });

    it('the missing one is named, by the value and by the installation alike', async () => {
      const [, ...without] = keys;
      const value = await sealBuildValue(newest.publicKey, 'hunter22');
      const { id, jwk } = await describeBuildKey(newest);
      expect(decodeProtectedHeader(value).kid).toBe(id);
      expect(await calculateJwkThumbprint(jwk)).toBe(id);
      expect(JSON.stringify(jwk)).not.toContain('"d"');
      await expect(openBuildValue(without, value)).rejects.toMatchObject({
        code: 'SEALED_UNREADABLE',
        happened: `A value is sealed with the key ${id}, which this installation does not have`,
      });
    });

    it('a name that no key can have stays out of the message', async () => {
      const value = await new CompactEncrypt(Buffer.from('x'))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'a\nforged line' })
        .encrypt(await importSPKI(createBuildKey().publicKey, 'ECDH-ES'));
      await expect(openBuildValue(keys, value)).rejects.toThrow(refusal);
    });
  });
});
