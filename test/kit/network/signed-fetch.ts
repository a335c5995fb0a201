import { createHash, createHmac } from 'node:crypto';
import type { EcsAccess } from '../ecs/local-ecs.ts';

export interface SignedCall {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service?: string;
  /** Time of signing that the request states. */
  readonly at?: Date;
}

/** Returns headers of AWS Signature Version 4, in the form of `curl --aws-sigv4` and the SDKs. */
export function signedHeaders(
  { accessKey }: Pick<EcsAccess, 'accessKey'>,
  url: string,
  call: SignedCall = {},
): Record<string, string> {
  const { method = 'GET', body = '', service = 'ecs', at = new Date() } = call;
  const { host, pathname } = new URL(url);
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '');
  const date = time.slice(0, 8);
  const headers: Record<string, string> = { ...call.headers, host, 'x-amz-date': time };
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    pathname,
    '',
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    hashOf(body),
  ].join('\n');
  const scope = `${date}/local/${service}/aws4_request`;
  const key = scope
    .split('/')
    .reduce<Buffer | string>((previous, part) => hmac(previous, part), `AWS4${accessKey.secretAccessKey.reveal()}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hashOf(canonical)}`).toString('hex');
  const credential = `Credential=${accessKey.accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

export function signedFetch(
  access: Pick<EcsAccess, 'accessKey'>,
  url: string,
  call: SignedCall = {},
): Promise<Response> {
  const { method = 'GET', body } = call;
  const { host: _host, ...headers } = signedHeaders(access, url, call);
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
