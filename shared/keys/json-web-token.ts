import { createHmac } from 'node:crypto';

/** A JSON Web Token (RFC 7519) signed with HMAC-SHA256, which any JWT library verifies with the same key. */
export function signJsonWebToken(key: string, claims: Readonly<Record<string, string | number>>): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}
