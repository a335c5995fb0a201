import { AwsError } from '../protocol/aws-error.ts';
import { parseClusterQuery } from './cluster-query.ts';
import { tasksOn, type ContainerInstance } from './container-instances.ts';
import { groupOf, queriedInstance } from './instance-attributes.ts';
import type { ActionContext } from '../operations/action-context.ts';
import type { LocalDefinition } from '../local-state.ts';
import type { RunTaskInput } from '../input/run-task-input.ts';

/** How a task is placed. */
export interface PlacementRules {
  readonly constraints: RunTaskInput['placementConstraints'];
  readonly strategy: RunTaskInput['placementStrategy'];
  /** The task group that `distinctInstance` and `spread` are about. */
  readonly group: string;
}

/** "PlacementStrategy" of the API reference; `spread` takes any attribute too. */
const STRATEGY_FIELDS: Readonly<Record<string, readonly string[]>> = {
  spread: ['instanceid', 'host'],
  binpack: ['cpu', 'memory'],
};

/** The constraints of a definition count beside those of the request. */
export function rulesOf(definition: LocalDefinition, request: RunTaskInput): PlacementRules {
  const { placementConstraints = [] } = definition.input;
  return {
    constraints: [...placementConstraints, ...request.placementConstraints],
    strategy: request.placementStrategy,
    group: groupOf({ group: request.group ?? null, family: definition.family }),
  };
}

/** Throws ECS's error for constraints and strategies that it would not take. */
export function checkPlacement({ placementConstraints, placementStrategy }: RunTaskInput): void {
  for (const { type, expression } of placementConstraints) checkConstraint(type, expression);
  for (const { type, field } of placementStrategy) checkStrategy(type, field);
}

function checkConstraint(type: string | undefined, expression: string | undefined): void {
  if (type === undefined) throw refused('The type of a placement constraint can not be blank.');
  if (type === 'memberOf') parseClusterQuery(expression ?? '');
  else if (expression !== undefined) throw refused(`A placement constraint of type ${type} takes no expression.`);
}

function checkStrategy(type: string | undefined, field: string | undefined): void {
  if (type === undefined) throw refused('The type of a placement strategy can not be blank.');
  const fields = STRATEGY_FIELDS[type];
  if (!fields) {
    if (field !== undefined) throw refused(`A placement strategy of type ${type} takes no field.`);
    return;
  }
  const isKnown = fields.includes(field?.toLowerCase() ?? '') || (type === 'spread' && isAttribute(field));
  if (!isKnown) throw refused(`The field ${field ?? 'null'} of a placement strategy of type ${type} is not valid.`);
}

function isAttribute(field = ''): boolean {
  return /^attribute:.+/.test(field);
}

/** Returns ECS's reason for which the constraints leave out this instance; null when they do not. */
export function whyExcluded(
  context: Pick<ActionContext, 'region' | 'state'>,
  instance: ContainerInstance,
  { constraints, group }: PlacementRules,
): string | null {
  const queried = queriedInstance(context, instance);
  for (const { type, expression = '' } of constraints) {
    if (type === 'memberOf' && !parseClusterQuery(expression)(queried)) {
      return 'MemberOf placement constraint unsatisfied.';
    }
    if (type === 'distinctInstance' && tasksOn(context, instance.arn).some((task) => groupOf(task) === group)) {
      return 'DistinctInstance placement constraint unsatisfied.';
    }
  }
  return null;
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
