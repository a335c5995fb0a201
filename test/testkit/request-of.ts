import { RequestToDeliver } from '../../controlplane/outbox/request-to-deliver.ts';
import { requestContext } from '../../controlplane/store/secrets/seal-contexts.ts';
import type { StoredEffect } from './record/effects.ts';
import { PLAIN_SEALER } from './world/plain-sealer.ts';

/** Returns the request of an effect in the form in which it is sent. */
export function requestOf({ key, request }: StoredEffect): RequestToDeliver {
  return RequestToDeliver.parse(JSON.parse(PLAIN_SEALER.open(request, requestContext(key))));
}
