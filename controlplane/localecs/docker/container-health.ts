import type Docker from 'dockerode';
import type { Clock } from '../../../shared/time/clock.ts';
import type { ContainerHealth, LaunchOrder } from '../launcher.ts';

/** ECS takes no interval of a health check below five seconds, so every result is seen. */
const POLL_MS = 1_000;

const HEALTH: Readonly<Record<string, ContainerHealth>> = { healthy: 'HEALTHY', unhealthy: 'UNHEALTHY' };

/**
 * Follows what the engine finds with the health check of a definition, until the signal aborts. ECS shows nothing of a
 * check that only the image has.
 */
export function followHealth(
  container: Docker.Container,
  { definition }: LaunchOrder,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): () => ContainerHealth {
  if (definition?.containerDefinitions[0]?.healthCheck === undefined) return () => 'UNKNOWN';
  let health: ContainerHealth = 'UNKNOWN';
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      // An engine that does not answer says nothing of the container.
      const inspected = await container.inspect().catch(() => null);
      if (inspected) health = HEALTH[inspected.State.Health?.Status ?? ''] ?? 'UNKNOWN';
      await clock.sleep(POLL_MS, signal);
    }
  };
  void follow();
  return () => (signal.aborted ? 'UNKNOWN' : health);
}
