import type { ActionContext } from '../operations/action-context.ts';
import { freeResources, tasksOn, type ContainerInstance } from './container-instances.ts';
import { instanceAttributes, groupOf } from './instance-attributes.ts';
import type { PlacementRules } from './placement-rules.ts';

type Rank = (instance: ContainerInstance) => number | string;

/**
 * Orders the instances that a task may be placed on, the best first: by each strategy in turn, and then by their number of
 * tasks.
 */
export function orderByStrategy(
  context: Pick<ActionContext, 'state' | 'resources' | 'region' | 'newId'>,
  instances: readonly ContainerInstance[],
  rules: PlacementRules,
): readonly ContainerInstance[] {
  const ranks = rules.strategy.map(({ type, field = '' }) => rankOf(context, instances, { type, field, ...rules }));
  const byTasks: Rank = ({ arn }) => tasksOn(context, arn).length;
  const ranked = instances.map((instance) => ({ instance, keys: [...ranks, byTasks].map((rank) => rank(instance)) }));
  return ranked.toSorted((one, other) => compareKeys(one.keys, other.keys)).map(({ instance }) => instance);
}

function rankOf(
  context: Pick<ActionContext, 'state' | 'resources' | 'region' | 'newId'>,
  instances: readonly ContainerInstance[],
  { type, field, group }: { readonly type?: string | undefined; readonly field: string; readonly group: string },
): Rank {
  if (type === 'binpack') {
    return (instance) => freeResources(context, instance)[field.toLowerCase() === 'cpu' ? 'cpu' : 'memory'];
  }
  // The ids come from the seed of local ECS, so that the order is the same for the same seed.
  if (type === 'random') return () => context.newId();
  const valueOf = (instance: ContainerInstance): string => {
    const name = /^attribute:(.+)$/.exec(field)?.[1];
    if (name === undefined) return instance.arn;
    return instanceAttributes(context, instance).find((attribute) => attribute.name === name)?.value ?? '';
  };
  return (instance) => {
    const alike = instances.filter((other) => valueOf(other) === valueOf(instance));
    const tasks = alike.flatMap(({ arn }) => tasksOn(context, arn));
    return tasks.filter((task) => groupOf(task) === group).length;
  };
}

function compareKeys(one: readonly (number | string)[], other: readonly (number | string)[]): number {
  for (const [index, key] of one.entries()) {
    const against = other[index]!;
    if (key !== against) return key < against ? -1 : 1;
  }
  return 0;
}
