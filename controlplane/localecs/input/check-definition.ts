import { findDefinitionFaults } from '../../containers/rules/definition-rules.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { parseClusterQuery } from '../placement/cluster-query.ts';
import type { DefinitionInput } from '../local-state.ts';

/** "Task definition parameters", family. */
const MAX_FAMILY_CHARACTERS = 255;

/**
 * Throws ECS's ClientException for a definition that ECS would refuse. Each of these refusals would otherwise show only in a
 * real account.
 */
export function checkDefinition(definition: DefinitionInput): void {
  const [fault] = findDefinitionFaults(definition);
  const sentence = familyFault(definition) ?? fault?.sentence;
  if (sentence !== undefined) throw new AwsError('ClientException', sentence);
  for (const { expression = '' } of definition.placementConstraints ?? []) {
    parseClusterQuery(expression, 'ClientException');
  }
}

function familyFault({ family }: DefinitionInput): string | undefined {
  if (family === '') return 'Family should not be null or empty.';
  if (family.length > MAX_FAMILY_CHARACTERS) return `Family longer than ${MAX_FAMILY_CHARACTERS}.`;
  return /^[A-Za-z0-9_-]+$/.test(family) ? undefined : 'Family contains invalid characters.';
}
