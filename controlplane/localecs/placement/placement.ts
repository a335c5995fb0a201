import { activeInstances, freeResources, type ContainerInstance, type FreeResources } from './container-instances.ts';
import type { ActionContext } from '../operations/action-context.ts';
import type { LocalCluster } from '../local-state.ts';
import { orderByStrategy } from './placement-strategy.ts';
import { whyExcluded, type PlacementRules } from './placement-rules.ts';
import type { TaskNeeds } from './task-needs.ts';

export type Placement =
  | { readonly kind: 'placed'; readonly instance: ContainerInstance }
  | { readonly kind: 'failed'; readonly failures: readonly { readonly arn: string; readonly reason: string }[] };

/** Chooses an instance among those with room that the constraints allow. Else each instance says what it lacks. */
export function assignInstance(
  context: ActionContext,
  cluster: LocalCluster,
  needs: TaskNeeds,
  rules: PlacementRules,
): Placement {
  const candidates = activeInstances(context, cluster).map((instance) => ({
    instance,
    lack: whyNotOn(context, instance, { needs, rules }),
  }));
  const fitting = candidates.filter(({ lack }) => lack === null).map(({ instance }) => instance);
  const [best] = orderByStrategy(context, fitting, rules);
  if (best) return { kind: 'placed', instance: best };
  const failures = candidates.map(({ instance, lack }) => ({ arn: instance.arn, reason: lack ?? 'AGENT' }));
  return { kind: 'failed', failures };
}

/** Returns ECS's reason for which a task cannot be on this instance; null when it can. */
export function whyNotOn(
  context: ActionContext,
  instance: ContainerInstance,
  { needs, rules }: { readonly needs: TaskNeeds; readonly rules: PlacementRules },
): string | null {
  if (!instance.isAgentConnected) return 'AGENT';
  return whyExcluded(context, instance, rules) ?? whyNoRoom(needs, freeResources(context, instance));
}

function whyNoRoom(needs: TaskNeeds, free: FreeResources): string | null {
  if (needs.memory > free.memory) return 'RESOURCE:MEMORY';
  if (needs.cpu > free.cpu) return 'RESOURCE:CPU';
  return needs.hostPorts.some((port) => free.takenPorts.has(port)) ? 'RESOURCE:PORTS' : null;
}
