import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hmacHeaders, isAnswerSigned, signatureBase } from '../../../controlplane/outbox/http-hmac.ts';

/** The fixtures of version 2.0 of the public specification (acquia/http-hmac-spec, fixtures.json). */
const VECTORS = z
  .array(
    z.strictObject({
      name: z.string(),
      method: z.string(),
      url: z.url(),
      headers: z.record(z.string(), z.string()),
      body: z.string().optional(),
      key: z.strictObject({
        realm: z.string(),
        id: z.string(),
        secret: z.string(),
        signedHeaders: z.array(z.string()).optional(),
      }),
      moment: z.strictObject({ nonce: z.string(), timestamp: z.int() }),
      contentHash: z.string().optional(),
      authorization: z.string(),
      signedText: z.string(),
      answer: z.strictObject({ body: z.string(), signature: z.string() }),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('http-hmac-vectors.json', import.meta.url), 'utf8')));

const post = VECTORS.find(({ method }) => method === 'POST')!;

describe('a request signed with HTTP HMAC 2.0', () => {
  it.each(VECTORS)('is signed as the specification has it: $name', (vector) => {
    const { key, moment, contentHash } = vector;
    expect(signatureBase(key, vector, moment, contentHash ?? null)).toBe(vector.signedText);
    expect(hmacHeaders(key, vector, moment)).toEqual({
      authorization: vector.authorization,
      'x-authorization-timestamp': String(moment.timestamp),
      ...(contentHash !== undefined && { 'x-authorization-content-sha256': contentHash }),
    });
  });

  it('hashes the empty body of a request that may have one', () => {
    const { body: _body, ...bare } = post;
    const empty = createHash('sha256').digest('base64');
    expect(hmacHeaders(post.key, bare, post.moment)['x-authorization-content-sha256']).toBe(empty);
  });

  it('names the port of the receiver as the Host header does, and the path of none as /', () => {
    const at = (url: string): string[] =>
      signatureBase(post.key, { ...post, url }, post.moment, '')
        .split('\n')
        .slice(1, 4);
    expect(at('https://Pipelines.Example:8443')).toEqual(['pipelines.example:8443', '/', '']);
    expect(at('https://pipelines.example:443/a%20b?c=d%2Fe&f')).toEqual(['pipelines.example', '/a%20b', 'c=d%2Fe&f']);
  });

  it('encodes whatever stands in the name of a key, so that it adds no part of its own', () => {
    const { authorization } = hmacHeaders({ ...post.key, id: `a",realm="b'(!*)` }, post, post.moment);
    expect(authorization).toContain('id="a%22%2Crealm%3D%22b%27%28%21%2A%29"');
  });
});

describe('the answer to a signed request', () => {
  it.each(VECTORS)('is known to be its receiver’s: $name', ({ key, moment, answer }) => {
    expect(isAnswerSigned(key, moment, answer)).toBe(true);
  });

  it.each([
    ['another body', { answer: { ...post.answer, body: '{}' } }],
    ['another request', { moment: { ...post.moment, nonce: 'b1954337-5319-4821-8427-115542e08d10' } }],
    ['another time', { moment: { ...post.moment, timestamp: post.moment.timestamp + 1 } }],
    ['another secret', { key: { ...post.key, secret: 'TXkgU2VjcmV0IEtleSBUaGF0IGlzIFZlcnkgU2VjdXJl' } }],
    ['no signature', { answer: { ...post.answer, signature: '' } }],
  ])('is not accepted with %s', (_what, changed) => {
    const { key, moment, answer } = { ...post, ...changed };
    expect(isAnswerSigned(key, moment, answer)).toBe(false);
  });
});
