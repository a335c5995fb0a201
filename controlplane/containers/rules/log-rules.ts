import type { DefinitionFinding, JudgedContainer } from './definition-finding.ts';

/** "LogConfiguration" of the Amazon ECS API reference; the group of an awslogs driver is made by ECS only on demand. */
const NEEDED = ['awslogs-region', 'awslogs-group'];
const NEEDED_ON_FARGATE = 'awslogs-stream-prefix';

/** Returns everything for which ECS would refuse the options of the awslogs driver. Those of others are not checked. */
export function findLogFaults(
  { logConfiguration }: JudgedContainer,
  at: DefinitionFinding['path'],
  isForFargate: 'for-fargate' | 'for-machines',
): DefinitionFinding[] {
  if (logConfiguration?.logDriver !== 'awslogs') return [];
  const options = logConfiguration.options ?? {};
  const path = [...at, 'logConfiguration', 'options'];
  const needed = isForFargate === 'for-fargate' ? [...NEEDED, NEEDED_ON_FARGATE] : NEEDED;
  const lacking = needed.filter((name) => options[name] === undefined);
  if (lacking.length > 0) {
    const sentence = `Log driver awslogs requires options: ${lacking.join(', ')}`;
    return [{ path, sentence, remedy: `Set ${lacking.join(' and ')}` }];
  }
  const empty = needed.find((name) => options[name] === '');
  if (empty !== undefined) {
    const sentence = `Log driver awslogs option '${empty}' should not be null or empty.`;
    return [{ path: [...path, empty], sentence, remedy: `Set ${empty}` }];
  }
  const makes = options['awslogs-create-group'];
  if (makes === undefined || makes === 'true') return [];
  const sentence = "Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option.";
  return [{ path: [...path, 'awslogs-create-group'], sentence, remedy: 'Set it to "true", or remove it (null)' }];
}
