import type { LocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import { signedFetch } from '../network/signed-fetch.ts';

/**
 * Calls an action of local ECS as plain JSON, because the SDK holds some values back, and returns the error, as `Type: message`;
 * `taken` when there is none.
 */
export async function ecsErrorOf(ecs: LocalEcs, action: string, input: unknown): Promise<string> {
  const response = await signedFetch(ecs, ecs.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
    },
    body: JSON.stringify(input),
  });
  const { __type: type, message } = (await response.json()) as Record<string, unknown>;
  return typeof type === 'string' ? `${type}: ${String(message)}` : 'taken';
}
