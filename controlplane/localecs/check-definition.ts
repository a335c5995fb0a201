import { findDefinitionFaults } from '../containers/definition-rules.ts';
import { AwsError } from './aws-error.ts';
import type { DefinitionInput } from './local-state.ts';

/**
 * Throws ECS's ClientException for a definition that ECS would refuse. Each of these refusals would otherwise show only in a
 * real account.
 */
export function checkDefinition(definition: DefinitionInput): void {
  const [fault] = findDefinitionFaults(definition);
  if (fault) throw new AwsError('ClientException', fault.sentence);
}
