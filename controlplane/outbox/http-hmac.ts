import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

// HTTP HMAC 2.0, the public specification of Acquia: https://github.com/acquia/http-hmac-spec
const SCHEME = 'acquia-http-hmac';
const VERSION = '2.0';
const TIMESTAMP = 'x-authorization-timestamp';
const CONTENT_HASH = 'x-authorization-content-sha256';
/** Header of an answer: what the receiver, who has the secret too, signs its body with. */
export const SERVER_SIGNATURE = 'x-server-authorization-hmac-sha256';

export interface HmacKey {
  readonly realm: string;
  /** Name of the key at the receiver. */
  readonly id: string;
  /** Base64 of the key, as the specification has it. */
  readonly secret: string;
  /** Further headers of the request that the signature covers. */
  readonly signedHeaders?: readonly string[] | undefined;
}

export interface SignableRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** What makes each try a request of its own. The receiver refuses a nonce that it knows, and a time 15 minutes away. */
export interface Moment {
  readonly nonce: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** Returns the headers that sign the request, to be added to its own. */
export function hmacHeaders(key: HmacKey, request: SignableRequest, moment: Moment): Record<string, string> {
  const hash = hasBody(request)
    ? createHash('sha256')
        .update(request.body ?? '')
        .digest('base64')
    : null;
  const signature = macOf(key, signatureBase(key, request, moment, hash));
  const names = key.signedHeaders ?? [];
  const parts = [
    ...(names.length > 0 ? [['headers', encode(names.join(';'))]] : []),
    ['id', encode(key.id)],
    ['nonce', encode(moment.nonce)],
    ['realm', encode(key.realm)],
    ['signature', signature],
    ['version', VERSION],
  ];
  return {
    authorization: `${SCHEME} ${parts.map(([name, value]) => `${name}="${value}"`).join(',')}`,
    [TIMESTAMP]: String(moment.timestamp),
    ...(hash !== null && { [CONTENT_HASH]: hash }),
  };
}

/** Returns the text that is signed. `hash`: of the body; null when the request can have none. */
export function signatureBase(
  key: HmacKey,
  request: SignableRequest,
  { nonce, timestamp }: Moment,
  hash: string | null,
): string {
  const { host, pathname, search } = new URL(request.url);
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const signed = (key.signedHeaders ?? []).map((name) => name.toLowerCase()).sort();
  return [
    request.method,
    host,
    pathname,
    search.slice(1),
    `id=${encode(key.id)}&nonce=${encode(nonce)}&realm=${encode(key.realm)}&version=${VERSION}`,
    ...signed.map((name) => `${name}:${headers.get(name) ?? ''}`),
    String(timestamp),
    ...(hash === null ? [] : [(headers.get('content-type') ?? '').toLowerCase(), hash]),
  ].join('\n');
}

/** Returns whether whoever answered has the secret too, and answered this very request. */
export function isAnswerSigned(key: HmacKey, moment: Moment, answer: { body: string; signature: string }): boolean {
  const expected = Buffer.from(macOf(key, `${moment.nonce}\n${moment.timestamp}\n${answer.body}`));
  const given = Buffer.from(answer.signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function hasBody({ method }: SignableRequest): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function macOf({ secret }: HmacKey, text: string): string {
  return createHmac('sha256', Buffer.from(secret, 'base64')).update(text).digest('base64');
}

/** Percent-encodes as RFC 3986 does, which is stricter than encodeURIComponent. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
