import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AccessKey } from './access-key.ts';
import { AwsError } from './aws-error.ts';

// The server's side of AWS Signature Version 4: "Create a signed AWS API request" in the IAM user guide. The answers to
// each mistake are in "Common Error Types" of the Amazon ECS API reference.

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** AWS refuses requests that are signed more than five minutes before or after its own time. */
const MAX_SKEW_MS = 5 * 60_000;
const TERMINATOR = 'aws4_request';

type SigV4Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Throws AWS's error when the headers alone show that the request is not signed with the key for the service. */
export function checkAuthorization(request: SigV4Request, service: 'ecs' | 'ec2', key: AccessKey, now: Date): void {
  const authorization = parseAuthorization(request);
  if (authorization.service !== service) {
    throw invalid(`Credential should be scoped to correct service: '${service}'.`);
  }
  checkSignedHeaders(request, authorization.signedHeaders);
  checkTime(amzDateOf(request), authorization.date, now);
  if (!isEqual(authorization.accessKeyId, key.accessKeyId)) {
    throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
}

/** Throws when the signature does not belong to this request, this body and the key. */
export function checkSignature(request: SigV4Request, body: Buffer, key: AccessKey): void {
  const authorization = parseAuthorization(request);
  const { date, region, service } = authorization;
  const scope = `${date}/${region}/${service}/${TERMINATOR}`;
  const canonical = sha256(canonicalRequest(request, authorization.signedHeaders, sha256(body)));
  const text = [ALGORITHM, amzDateOf(request), scope, canonical].join('\n');
  const signing = [date, region, service, TERMINATOR].reduce<Buffer>(
    (previous, part) => hmac(previous, part),
    Buffer.from(`AWS4${key.secretAccessKey.reveal()}`),
  );
  if (isEqual(authorization.signature, hmac(signing, text).toString('hex'))) return;
  throw new AwsError(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.',
  );
}

function parseAuthorization({ headers }: SigV4Request): Authorization {
  const header = headers.authorization;
  if (header === undefined || header === '') {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  if (!header.startsWith(`${ALGORITHM} `)) throw incomplete(`Authorization must begin with '${ALGORITHM}'.`);
  const given = new Map(header.slice(ALGORITHM.length).split(',').map(splitParameter));
  const credential = given.get('Credential');
  const signature = given.get('Signature');
  const signedHeaders = given.get('SignedHeaders');
  const absent = Object.entries({ Credential: credential, Signature: signature, SignedHeaders: signedHeaders })
    .filter(([, value]) => !value)
    .map(([name]) => `Authorization header requires '${name}' parameter.`);
  if (!credential || !signature || !signedHeaders) throw incomplete(absent.join(' '));
  const parts = /^(\w{16,128})\/(\d{8})\/([\w-]{1,64})\/([\w-]{1,64})\/aws4_request$/.exec(credential);
  if (!parts) throw incomplete("Credential must have the form 'key/YYYYMMDD/region/service/aws4_request'.");
  const [, accessKeyId = '', date = '', region = '', service = ''] = parts;
  return { accessKeyId, date, region, service, signature, signedHeaders: signedHeaders.split(';') };
}

function splitParameter(text: string): [string, string] {
  const [name = '', value = ''] = text.trim().split(/=(.*)/s, 2);
  return [name, value];
}

/** Headers that tell the destination and the action must be signed, or they could be changed under the signature. */
function checkSignedHeaders({ headers }: SigV4Request, signed: readonly string[]): void {
  const needed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const absent = needed.find((name) => !signed.includes(name) || headers[name] === undefined);
  if (absent === undefined) return;
  throw invalid(`'${absent}' must be a 'SignedHeader' in the AWS Authorization.`);
}

function amzDateOf({ headers }: SigV4Request): string {
  const date = headers['x-amz-date'];
  if (typeof date === 'string' && /^\d{8}T\d{6}Z$/.test(date)) return date;
  throw incomplete("Authorization header requires existence of an 'X-Amz-Date' header.");
}

function checkTime(amzDate: string, scopeDate: string, now: Date): void {
  if (!amzDate.startsWith(scopeDate)) {
    throw invalid(`Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: ${amzDate}.`);
  }
  const signedMs = Date.parse(amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const lateMs = now.getTime() - signedMs;
  // An impossible date gives NaN, which passes no comparison.
  if (Math.abs(lateMs) <= MAX_SKEW_MS) return;
  const serverTime = now.toISOString().replace(/[-:]|\.\d+/g, '');
  throw lateMs < 0
    ? invalid(`Signature not yet current: ${amzDate} is still later than ${serverTime} (+ 5 min.)`)
    : invalid(`Signature expired: ${amzDate} is now earlier than ${serverTime} (- 5 min.)`);
}

/** Every service but S3 encodes the path twice. Local ECS has paths of plain characters only. */
function canonicalRequest(
  { method = '', url = '/', headers }: SigV4Request,
  signed: readonly string[],
  bodyHash: string,
): string {
  const target = URL.parse(url, 'http://localhost');
  if (!target) throw invalid('The request has a target that is no address.');
  const { pathname, searchParams } = target;
  const query = [...searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const lines = signed.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  return [method, pathname, query, lines.join(''), signed.join(';'), bodyHash].join('\n');
}

/** Encodes as RFC 3986 does, which leaves fewer characters unchanged than encodeURIComponent. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

function isEqual(given: string, expected: string): boolean {
  // Hashes have equal lengths, so the time of the comparison tells nothing about either text.
  return timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)));
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function incomplete(message: string): AwsError {
  return new AwsError('IncompleteSignatureException', message);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidSignatureException', message);
}
