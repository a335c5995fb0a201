import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';

/** "ContainerDefinition": seconds on Fargate. On machines no upper bound is documented. */
export const FARGATE_STOP_TIMEOUT_SECONDS = 120;
const FARGATE_TIMEOUT = { least: 2, most: FARGATE_STOP_TIMEOUT_SECONDS } as const;

/**
 * Returns the timeouts of containers that are out of bounds. Such a one would end a container at once, or never.
 */
export function findTimeoutFaults({
  containerDefinitions: containers,
  requiresCompatibilities = [],
}: JudgedDefinition): DefinitionFinding[] {
  const isFargate = requiresCompatibilities.includes('FARGATE');
  return containers.flatMap((container, index) => timeoutFaults(container, index, isFargate));
}

function timeoutFaults(container: JudgedContainer, index: number, isFargate: boolean): DefinitionFinding[] {
  const { least, most } = isFargate ? FARGATE_TIMEOUT : { least: 1, most: Infinity };
  return (['stopTimeout', 'startTimeout'] as const).flatMap((name): DefinitionFinding[] => {
    const seconds = container[name];
    if (seconds === undefined || (seconds >= least && seconds <= most)) return [];
    const path = ['containerDefinitions', index, name];
    if (seconds > most) {
      const sentence = `The maximum ${name} on Fargate is ${most} seconds.`;
      return [{ path, sentence, remedy: `Set it to ${most} at most` }];
    }
    const sentence = `Invalid setting for container '${container.name ?? ''}'. '${name}' is ${seconds} and must be at least ${least} seconds.`;
    return [{ path, sentence, remedy: `Set it to ${least} at least` }];
  });
}
