import type { Sealer } from '../../shared/keys/sealing.ts';
import { parseEffect } from '../engine/given-effect.ts';
import type { NewRequest } from '../store/outbox/requests.ts';
import { requestContext } from '../store/secrets/seal-contexts.ts';
import type { OutgoingRequest } from '../tasks/outgoing-request.ts';
import { GivenRequest } from './given-request.ts';
import type { RequestToDeliver } from './request-to-deliver.ts';

const DAY_SECONDS = 86_400;

/** The effect that a request is: its key, which is also its idempotency key, and its name for people. */
export interface RequestEffect {
  readonly key: string;
  readonly name: string;
  readonly scope: string;
}

/** Returns the request as it is stored. Throws OPTIONS_INVALID when it cannot be sent. */
export function prepareRequest(sealer: Sealer, effect: RequestEffect, request: OutgoingRequest): NewRequest {
  const { key, name, scope } = effect;
  const given = parseEffect({ kind: 'request', name, scope }, GivenRequest, request);
  const { repeat, giveUpAfterSeconds = DAY_SECONDS, order = null, headers = {}, ...rest } = given;
  const hasKey = Object.keys(headers).some((header) => header.toLowerCase() === 'idempotency-key');
  const sent: RequestToDeliver = { ...rest, headers: { ...headers, ...(!hasKey && { 'idempotency-key': key }) } };
  const text = JSON.stringify(sent);
  return {
    effect: { ...effect, request: sealer.seal(text, requestContext(effect.key)) },
    isRepeatable: repeat !== 'never',
    giveUpAfterSeconds,
    lane: order,
  };
}
