import type { DefinitionFinding, JudgedContainer } from './definition-finding.ts';

/** No environment can hold these: what stands behind = would be a part of the value. */
const NEVER_IN_A_NAME = /[=\0]/;

type Variable = NonNullable<JudgedContainer['environment']>[number];

/**
 * Returns everything for which ECS would refuse the names of the variables of a container, or of its overrides. A name that is
 * there twice is taken by ECS; the last one counts.
 */
export function findVariableFaults(
  { environment = [] }: { readonly environment?: readonly Variable[] | undefined },
  at: DefinitionFinding['path'],
): DefinitionFinding[] {
  return environment.flatMap(({ name = '' }, index): DefinitionFinding[] => {
    const path = [...at, 'environment', index, 'name'];
    if (name.trim() === '') {
      return [{ path, sentence: 'Environment variable name cannot be null or blank.', remedy: 'Name the variable' }];
    }
    if (!NEVER_IN_A_NAME.test(name)) return [];
    const sentence = `Environment variable name ${JSON.stringify(name)} contains invalid characters.`;
    return [{ path, sentence, remedy: 'Write the name without "=", and what stands behind it as the value' }];
  });
}

/** Returns everything for which ECS would refuse the names of the secrets of a container. */
export function findSecretFaults(
  { environment = [], secrets = [] }: JudgedContainer,
  at: DefinitionFinding['path'],
): DefinitionFinding[] {
  const taken = new Set(environment.map(({ name }) => name));
  return secrets.flatMap(({ name }, index): DefinitionFinding[] => {
    if (!taken.has(name)) {
      taken.add(name);
      return [];
    }
    const sentence = `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${name ?? ''}'.`;
    return [
      { path: [...at, 'secrets', index, 'name'], sentence, remedy: 'Give it as a secret or as a variable, once' },
    ];
  });
}
