import { z } from 'zod';
import { BUILD_TOOL_STANDBY } from './build-order.ts';
import { OperationalError } from '../model/error.ts';

/** Environment names through which the control plane speaks to the agent. Nobody else may set them. */
const RESERVED_PREFIXES = ['SIGNAL_', 'WIP_', 'WORKLOAD_'] as const;

/** ECS refuses a RunTask whose overrides are longer (Amazon ECS API reference, TaskOverride). */
const MAX_OVERRIDES_CHARACTERS = 8_192;

/** Variables for the agent only, which never reach a process of the build. */
const NOT_FOR_THE_BUILD: ReadonlySet<string> = new Set([
  'SIGNAL_URL',
  'SIGNAL_BODY',
  'SIGNAL_USER',
  'WIP_ENROL_URL',
  'WIP_ENROL',
  'ENTRY_POINT_DELAY',
  'CONTAINER_SSH_KEY',
  'DEVELOPER_SSH_KEY',
  BUILD_TOOL_STANDBY,
]);

/**
 * Comma-separated names of the overrides that the control plane set for the build. Without this list the agent could not
 * distinguish an override from a variable of the image or of its machine.
 */
export const BUILD_ENVIRONMENT_NAMES = 'WIP_BUILD_ENV';

export const EnvironmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

export interface ContainerOverride {
  readonly key: string;
  readonly value: string;
  /** A secure value never appears in RunTask: it reaches the container over the agent API after the SSH check. */
  readonly secure: boolean;
}

/** Throws OVERRIDE_INVALID, naming the key, when a task may not set this override. */
export function checkOverride(override: ContainerOverride): void {
  const { key, value } = override;
  const wrong = overrideProblem(key, value);
  if (wrong) {
    throw new OperationalError('OVERRIDE_INVALID', {
      happened: `The container override "${key}" ${wrong.happened}`,
      remedy: wrong.remedy,
    });
  }
}

/** Returns why an override is forbidden, as the ends of two sentences (what happened, and the remedy); undefined when a task may set it. */
export function overrideProblem(key: string, value: unknown): { happened: string; remedy: string } | undefined {
  if (!EnvironmentName.safeParse(key).success) {
    return {
      happened: 'is not a name for an environment variable',
      remedy: 'Use letters, digits and _, not beginning with a digit',
    };
  }
  if (RESERVED_PREFIXES.some((prefix) => key.startsWith(prefix))) {
    return {
      happened: 'is reserved for the agent',
      remedy: `Choose a name that begins with none of ${RESERVED_PREFIXES.join(', ')}`,
    };
  }
  if (typeof value !== 'string' || value === '') {
    return { happened: 'has no value', remedy: 'Give it a non-empty string, or leave the override out' };
  }
  if (value.includes('\0')) {
    return { happened: 'has a NUL character in its value', remedy: 'Remove the NUL: no environment can hold it' };
  }
  return undefined;
}

/** Returns whether ECS takes overrides of this JSON. */
export function doOverridesFit(json: string): boolean {
  return json.length <= MAX_OVERRIDES_CHARACTERS;
}

/** Throws OVERRIDES_TOO_LARGE, naming the largest three, when the JSON is longer than ECS accepts. */
export function checkOverridesSize(json: string, environment: readonly { name: string; value: string }[]): void {
  if (doOverridesFit(json)) return;
  const biggest = [...environment]
    .sort((a, b) => b.value.length - a.value.length)
    .slice(0, 3)
    .map((entry) => `${entry.name} (${entry.value.length})`);
  throw new OperationalError('OVERRIDES_TOO_LARGE', {
    happened: `The container overrides are ${json.length} characters and ECS takes ${MAX_OVERRIDES_CHARACTERS}; the biggest are ${biggest.join(', ')}`,
    remedy: 'Shorten these values, or make them secure so that they travel over the agent API',
  });
}

/** Returns whether a variable is only for the agent, or for a shell entrypoint in its place. */
export function isForAgentOnly(name: string): boolean {
  return NOT_FOR_THE_BUILD.has(name);
}

/** Returns the variables of the container that processes of the build may see: those that the control plane lists by name. */
export function buildEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = (environment[BUILD_ENVIRONMENT_NAMES] ?? '').split(',').filter((name) => name !== '');
  const forBuild: Record<string, string> = {};
  for (const name of [...names, 'WORKLOAD_MAX_TIME', 'WORKLOAD_MAX_DISK', 'CONTAINER_MODE']) {
    const value = environment[name];
    if (value !== undefined && !isForAgentOnly(name)) forBuild[name] = value;
  }
  return forBuild;
}
