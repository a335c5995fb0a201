import { epoch } from './action-context.ts';
import type { LocalDefinition } from './local-state.ts';

/** Returns a definition in the format of DescribeTaskDefinition. */
export function definitionView(definition: LocalDefinition): object {
  const { requiresCompatibilities = [] } = definition.input;
  return {
    ...definition.input,
    compatibilities: requiresCompatibilities.length > 0 ? [...new Set(requiresCompatibilities)] : ['EC2'],
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    registeredAt: epoch(definition.registeredAt),
  };
}
