import type { LocalDefinition } from './local-state.ts';
import type { InstanceResources, ActionContext } from './action-context.ts';

/** Returns the resources that a task of this definition takes from its machine. */
export function needsOf(definition: LocalDefinition): InstanceResources {
  const containers = definition.input.containerDefinitions;
  return {
    cpu: containers.reduce((sum, container) => sum + (container.cpu ?? 0), 0),
    memory: containers.reduce((sum, container) => sum + (container.memoryReservation ?? container.memory ?? 0), 0),
  };
}

export function freeResources(context: Pick<ActionContext, 'state' | 'resources'>, cluster: string): InstanceResources {
  const holding = Object.values(context.state.tasks).filter(
    (task) => task.cluster === cluster && task.lastStatus !== 'STOPPED',
  );
  return {
    cpu: context.resources.cpu - holding.reduce((sum, task) => sum + task.cpu, 0),
    memory: context.resources.memory - holding.reduce((sum, task) => sum + task.memory, 0),
  };
}

/** Returns ECS's reason for a task that cannot be placed; null when it can. */
export function whyNoRoom(needs: InstanceResources, free: InstanceResources): string | null {
  if (needs.memory > free.memory) return 'RESOURCE:MEMORY';
  return needs.cpu > free.cpu ? 'RESOURCE:CPU' : null;
}
