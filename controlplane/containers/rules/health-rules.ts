import type { DefinitionFinding, JudgedContainer } from './definition-finding.ts';

/** "HealthCheck" of the Amazon ECS API reference: seconds, and retries. */
const BOUNDS = {
  interval: { least: 5, most: 300 },
  timeout: { least: 2, most: 60 },
  retries: { least: 1, most: 10 },
  startPeriod: { least: 0, most: 300 },
} as const;
const STARTS = ['CMD', 'CMD-SHELL', 'NONE'];

/** Returns everything for which ECS would refuse the health check of a container. */
export function findHealthFaults(
  { name = '', healthCheck }: JudgedContainer,
  at: DefinitionFinding['path'],
): DefinitionFinding[] {
  if (!healthCheck) return [];
  const path = [...at, 'healthCheck'];
  const invalid = `Invalid setting for container '${name}'.`;
  const found: DefinitionFinding[] = (['interval', 'timeout', 'retries', 'startPeriod'] as const).flatMap((member) => {
    const value = healthCheck[member];
    const { least, most } = BOUNDS[member];
    if (value === undefined || (value >= least && value <= most)) return [];
    const sentence = `${invalid} The ${member} of the health check is ${value} and must be between ${least} and ${most}.`;
    return [{ path: [...path, member], sentence, remedy: `Set it from ${least} to ${most}` }];
  });
  const [start = '', ...command] = healthCheck.command ?? [];
  if (STARTS.includes(start) && (start === 'NONE' || command.length > 0)) return found;
  const sentence = `${invalid} The command of the health check must start with CMD or CMD-SHELL.`;
  return [...found, { path: [...path, 'command'], sentence, remedy: 'Write it as [CMD-SHELL, "…"]' }];
}
