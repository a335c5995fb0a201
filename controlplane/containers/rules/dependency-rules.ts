import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';

/** "ContainerDependency" of the Amazon ECS API reference. */
const CONDITIONS = ['START', 'COMPLETE', 'SUCCESS', 'HEALTHY'];

/** Returns everything for which ECS would refuse how the containers of a definition depend on each other. */
export function findDependencyFaults({ containerDefinitions: containers }: JudgedDefinition): DefinitionFinding[] {
  const faults = containers.flatMap((container, index) =>
    (container.dependsOn ?? []).flatMap(({ containerName = '', condition = '' }, position): DefinitionFinding[] => {
      const other = containers.find(({ name }) => name === containerName);
      const sentence = other
        ? conditionFault(container, other, condition)
        : `Cannot depend on container + '${containerName}' because it does not exist.`;
      const path = ['containerDefinitions', index, 'dependsOn', position];
      return sentence === null ? [] : [{ path, sentence, remedy: 'Correct the dependency, or remove it' }];
    }),
  );
  if (faults.length > 0 || !hasCycle(containers)) return faults;
  const sentence = 'The containers depend on each other in a circle.';
  return [{ path: ['containerDefinitions'], sentence, remedy: 'Remove one of the dependencies' }];
}

function conditionFault(
  { name: waiting }: JudgedContainer,
  { name = '', essential, healthCheck }: JudgedContainer,
  condition: string,
): string | null {
  if (name === waiting) return `The container '${name}' depends on itself.`;
  if (!CONDITIONS.includes(condition)) return `condition should be one of [${CONDITIONS.join(',')}]`;
  const mustEnd = condition === 'COMPLETE' || condition === 'SUCCESS';
  if (mustEnd && essential !== false) {
    return 'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container';
  }
  return condition === 'HEALTHY' && !healthCheck ? `The container '${name}' has no health check.` : null;
}

/** Takes away what depends on nothing that is left, until nothing more goes. */
function hasCycle(containers: readonly JudgedContainer[]): boolean {
  const left = new Map(
    containers.map(({ name, dependsOn = [] }) => [name, dependsOn.map((each) => each.containerName)]),
  );
  for (let round = 0; round < containers.length; round += 1) {
    for (const [name, needed] of [...left]) if (!needed.some((each) => left.has(each))) left.delete(name);
  }
  return left.size > 0;
}
