import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import type { Sealer } from '../../shared/support/sealing.ts';
import type { NewRequest } from '../store/outbox/requests.ts';
import { requestContext } from '../store/secrets/seal-contexts.ts';
import type { OutgoingRequest } from '../tasks/context.ts';

const DAY_SECONDS = 86_400;
const HeaderName = z.string().regex(/^[!#$%&'*+.^`|~\w-]+$/);

/** The request to deliver, stored sealed as the `request` of its effect. */
export const RequestToDeliver = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(HeaderName, z.string().regex(/^[^\r\n\0]*$/)),
  body: z.string().optional(),
  sign: z
    .strictObject({
      scheme: z.literal('acquia-http-hmac'),
      realm: z.string().min(1),
      id: z.string().min(1),
      secret: z.base64().min(1),
      signedHeaders: z.array(HeaderName).optional(),
    })
    .optional(),
  certificate: z.enum(['verified', 'any']).optional(),
});
export type RequestToDeliver = z.infer<typeof RequestToDeliver>;

/** The effect that a request is: its key, which is also its idempotency key, and its name for people. */
export interface RequestEffect {
  readonly key: string;
  readonly name: string;
  readonly scope: string;
}

/** Returns the request as it is stored. Throws OPTIONS_INVALID when it cannot be sent. */
export function prepareRequest(
  sealer: Pick<Sealer, 'seal'>,
  effect: RequestEffect,
  request: OutgoingRequest,
): NewRequest {
  const text = JSON.stringify(parseRequest(effect, request));
  return {
    effect: { ...effect, request: sealer.seal(text, requestContext(effect.key)) },
    isRepeatable: request.repeat !== 'never',
    giveUpAfterSeconds: request.giveUpAfterSeconds ?? DAY_SECONDS,
    lane: request.order ?? null,
  };
}

function parseRequest({ key, name }: RequestEffect, request: OutgoingRequest): RequestToDeliver {
  const { method, url, headers, body, sign, certificate } = request;
  const names = Object.keys(headers ?? {}).map((header) => header.toLowerCase());
  const keyHeader = names.includes('idempotency-key') ? {} : { 'idempotency-key': key };
  const sent = { method, url, headers: { ...headers, ...keyHeader }, body, sign, certificate };
  const parsed = RequestToDeliver.safeParse(sent);
  const refused = parsed.error?.issues[0];
  if (parsed.data && !(method === 'GET' && body !== undefined)) return parsed.data;
  throw new OperationalError('OPTIONS_INVALID', {
    happened: `The request "${name}" cannot be sent: ${refused ? `${refused.path.join('.')}: ${refused.message}` : 'a GET has no body'}`,
    remedy: 'Give it an http or https address, and headers without line breaks',
    cause: parsed.error,
  });
}
