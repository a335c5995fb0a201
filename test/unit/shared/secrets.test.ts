import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperationalError } from '../../../shared/model/error.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { isSealed, masterKeyId, openSealed, rewrap, seal, sealingKeyIdOf } from '../../../shared/keys/sealing.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { clientToken, enrolmentSecret, isSignedBy, sign } from '../../../shared/keys/signing.ts';

const key = randomBytes(32);
const unseal = (masterKey: Buffer, sealed: string, context: string): string =>
  openSealed({ reveal: () => masterKey }, sealed, context);

describe('sealed values', () => {
  it('open with their key, for their context', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1 }), (text, context) => {
        const sealed = seal(key, text, context);
        expect(isSealed(sealed)).toBe(true);
        expect(unseal(key, sealed, context)).toBe(text);
      }),
    );
  });

  it('do not open in another row, with another key, or after a change', () => {
    const sealed = seal(key, 'secret', 'task/1/option/a');
    const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const open of [
      () => unseal(key, sealed, 'task/2/option/a'),
      () => unseal(randomBytes(32), sealed, 'task/1/option/a'),
      () => unseal(key, changed, 'task/1/option/a'),
      () => unseal(key, 'no sealed value', 'task/1/option/a'),
    ]) {
      expect(open).toThrow(OperationalError);
    }
  });

  it('change their master key without being opened: only the data key is wrapped anew', () => {
    const newKey = randomBytes(32);
    const both = { reveal: () => newKey, others: () => [key] };
    const sealed = seal(key, 'secret', 'task/1/option/a');
    const moved = rewrap(both, sealed, 'task/1/option/a');
    expect(sealingKeyIdOf(moved)).toBe(masterKeyId(newKey));
    expect(moved.split('.')[3]).toBe(sealed.split('.')[3]);
    expect(moved.split('.')[2]).not.toBe(sealed.split('.')[2]);
    expect(unseal(newKey, moved, 'task/1/option/a')).toBe('secret');
    expect(() => unseal(key, moved, 'task/1/option/a')).toThrow(/sealed with the master key/);
    expect([sealed, moved].map((text) => openSealed(both, text, 'task/1/option/a'))).toEqual(['secret', 'secret']);
    // The value stays bound to its row, and without its key it cannot be rewrapped.
    expect(() => rewrap(both, sealed, 'task/2/option/a')).toThrow(OperationalError);
    expect(() => rewrap({ reveal: () => newKey }, sealed, 'task/1/option/a')).toThrow(OperationalError);
  });

  it('are never twice the same text', () => {
    expect(seal(key, 'x', 'p')).not.toBe(seal(key, 'x', 'p'));
  });
});

describe('a secret', () => {
  it('prints as [secure] wherever it becomes text', () => {
    const secret = new Secret('hunter22');
    expect([`${secret}`, JSON.stringify({ secret }), inspect(secret)]).toEqual([
      '[secure]',
      '{"secret":"[secure]"}',
      '[secure]',
    ]);
    expect(secret.reveal()).toBe('hunter22');
  });

  it('does not come out of a log by its field name or inside an error', () => {
    const lines: string[] = [];
    const log = createLogger('test', 'info', { write: (line: string) => void lines.push(line) });
    const error = Object.assign(new Error('broken'), { client: { connectionParameters: { password: 'hunter22' } } });
    log.info({ token: 'hunter22', request: { authorization: 'hunter22' }, err: error }, 'message');
    expect(lines.join()).not.toContain('hunter22');
    expect(lines.join()).toContain('broken');
  });
});

describe('signatures', () => {
  const signed = { webhookId: 'k:1', timestamp: 1_700_000_000, callbackId: 'c', body: Buffer.from('{}') };

  it('cover id, time, callback and every byte of the body', () => {
    const header = sign(key, signed);
    expect(isSignedBy(key, signed, header)).toBe(true);
    expect(isSignedBy(key, signed, `v1,old ${header}`)).toBe(true);
    for (const other of [
      { ...signed, webhookId: 'k:2' },
      { ...signed, timestamp: signed.timestamp + 1 },
      { ...signed, callbackId: 'd' },
      { ...signed, body: Buffer.from('{ }') },
    ]) {
      expect(isSignedBy(key, other, header)).toBe(false);
    }
    expect(isSignedBy(randomBytes(32), signed, header)).toBe(false);
    expect(isSignedBy(key, signed, '')).toBe(false);
  });

  it('of an enrolment and a client token can be made again by any node', () => {
    const uuid = '00000000-0000-4000-8000-000000000001';
    expect(enrolmentSecret(key, uuid)).toBe(enrolmentSecret(key, uuid));
    expect(enrolmentSecret(key, uuid)).toHaveLength(43);
    expect(enrolmentSecret(randomBytes(32), uuid)).not.toBe(enrolmentSecret(key, uuid));
    expect(clientToken(uuid)).toMatch(/^[0-9a-f]{64}$/);
  });
});
