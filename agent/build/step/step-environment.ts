import { OperationalError } from '../../../shared/model/error.ts';
import {
  secureKeyEnvironmentName,
  secureVariableEnvironmentName,
  type BuildFile,
} from '../../../shared/protocol/build-export.ts';
import { environmentForChildren, type CallerEnvironment } from '../build-deps.ts';

// MAX_ARG_STRLEN of Linux: 32 pages of 4 KiB, with the NUL at the end.
export const MAX_VARIABLE_BYTES = 32 * 4096 - 1;

/**
 * The environment of every step: the caller's, then `own` (SOURCE_DIR, PIPELINES_*), then the variables of the build
 * file in their order, so that a later one may use an earlier one. Throws
 * SECURE_VALUE_MISSING and ENVIRONMENT_TOO_LARGE, naming all.
 */
export function stepEnvironment(
  environment: CallerEnvironment,
  own: Readonly<Record<string, string>>,
  file: BuildFile,
): Record<string, string> {
  checkSecureValues(environment, file);
  const values = new Map(Object.entries({ ...environmentForChildren(environment), ...own }));
  for (const [name, value] of Object.entries(file.variables.global)) {
    // An opened secret is data: a password may hold a $.
    const isPlain = typeof value === 'string';
    values.set(name, isPlain ? expandVariables(value, values) : environment[secureVariableEnvironmentName(name)]!);
  }
  const environmentOfSteps = Object.fromEntries(values);
  if (largestVariables(environmentOfSteps)[0]!.bytes > MAX_VARIABLE_BYTES)
    throw environmentTooLarge(environmentOfSteps);
  return environmentOfSteps;
}

/** Linux starts no program with this environment. Names the variables that are too large, or the three largest. */
export function environmentTooLarge(environment: Readonly<Record<string, string>>): OperationalError {
  const variables = largestVariables(environment);
  const tooLarge = variables.filter(({ bytes }) => bytes > MAX_VARIABLE_BYTES);
  const named = (tooLarge.length > 0 ? tooLarge : variables.slice(0, 3)).map(
    ({ name, bytes }) => `${name} (${bytes} bytes)`,
  );
  return new OperationalError('ENVIRONMENT_TOO_LARGE', {
    happened:
      tooLarge.length > 0
        ? `Linux starts no program with a variable of more than ${MAX_VARIABLE_BYTES} bytes, its name included: ${named.join(', ')}`
        : `All variables together are too large for Linux to start a program with them; the largest are ${named.join(', ')}`,
    remedy: 'Put the value into a file, and its name into the variable',
  });
}

function largestVariables(environment: Readonly<Record<string, string>>): { name: string; bytes: number }[] {
  return Object.entries(environment)
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(`${name}=${value}`) }))
    .sort((a, b) => b.bytes - a.bytes);
}

const REFERENCE = /\\\$|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

/** How many bytes a variable has at least, its name included, whatever the values are that it refers to. */
export function leastVariableBytes(name: string, text: string): number {
  const least = text.replace(REFERENCE, (match) => (match === '\\$' ? '$' : ''));
  return Buffer.byteLength(`${name}=${least}`);
}

/**
 * Replaces `$NAME` and `${NAME}` by values that are there; anything else stays as it is written, so that "5 $" needs
 * no care. `\$` is a dollar sign.
 */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(REFERENCE, (match, braced?: string, bare?: string) => {
    if (match === '\\$') return '$';
    return values.get(braced ?? bare ?? '') ?? match;
  });
}

function checkSecureValues(environment: CallerEnvironment, file: BuildFile): void {
  const variables = Object.entries(file.variables.global)
    .filter(
      ([name, value]) => typeof value !== 'string' && environment[secureVariableEnvironmentName(name)] === undefined,
    )
    .map(([name]) => `the variable "${name}" (${secureVariableEnvironmentName(name)})`);
  const keys = Object.keys(file.sshKeys)
    .filter((name) => environment[secureKeyEnvironmentName(name)] === undefined)
    .map((name) => `the SSH key "${name}" (${secureKeyEnvironmentName(name)})`);
  const missing = [...variables, ...keys];
  if (missing.length === 0) return;
  throw new OperationalError('SECURE_VALUE_MISSING', {
    happened: `The build file needs secure values that were not handed over: ${missing.join(', ')}`,
    remedy: 'Set the named environment variables; the control plane does so when it can open the sealed values',
  });
}
