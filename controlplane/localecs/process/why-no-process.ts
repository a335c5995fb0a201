import type { DefinitionInput } from '../local-state.ts';
import { unsupported } from '../input/unsupported.ts';

/**
 * Returns why no container of this definition can be run as a process; null when one can. A process has no image: a command
 * that looks into the container would look at this machine.
 */
export function whyNoProcess({ containerDefinitions: containers }: DefinitionInput): string | null {
  const checked = containers.find(({ healthCheck }) => healthCheck !== undefined && !isNone(healthCheck));
  if (!checked) return null;
  const reason =
    'containers are processes here, without the image that its command is from (--launcher docker runs images)';
  return unsupported('healthCheck', `the container ${checked.name ?? ''}`, reason);
}

/** NONE switches off the check of an image. */
function isNone(check: unknown): boolean {
  if (typeof check !== 'object' || check === null || !('command' in check)) return false;
  return Array.isArray(check.command) && check.command[0] === 'NONE';
}
