import { ContainerWip } from './container/container-wip.ts';
import type { WipContext } from './context.ts';

/** The kind under which canaries are added, by people and by their schedule. */
export const CANARY_KIND = 'Canary';

/**
 * Launches a container, proves it over SSH and releases it, with nothing in between: it shows that the whole chain
 * works, from the queue to the end of the container.
 */
export class Canary extends ContainerWip {
  override get kind(): string {
    return CANARY_KIND;
  }

  override finish(context: WipContext): void {
    if (context.exited) return;
    context.exit('COMPLETED', 'A container was launched, answered over SSH and was released.', { cause: 'success' });
  }
}
