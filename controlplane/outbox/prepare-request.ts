import { OperationalError } from '../../shared/model/error.ts';
import type { Sealer } from '../../shared/support/sealing.ts';
import type { NewRequest } from '../store/outbox/requests.ts';
import { requestContext } from '../store/secrets/seal-contexts.ts';
import type { OutgoingRequest } from '../tasks/outgoing-request.ts';
import { RequestToDeliver } from './request-to-deliver.ts';

const DAY_SECONDS = 86_400;

/** The effect that a request is: its key, which is also its idempotency key, and its name for people. */
export interface RequestEffect {
  readonly key: string;
  readonly name: string;
  readonly scope: string;
}

/** Returns the request as it is stored. Throws OPTIONS_INVALID when it cannot be sent. */
export function prepareRequest(sealer: Sealer, effect: RequestEffect, request: OutgoingRequest): NewRequest {
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
