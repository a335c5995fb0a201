import { OperationalError } from '../../shared/model/error.ts';
import {
  secureKeyEnvironmentName,
  secureVariableEnvironmentName,
  type BuildFile,
} from '../../shared/protocol/build-export.ts';
import { environmentForChildren, type CallerEnvironment } from './build-deps.ts';

/**
 * The environment of every step: the caller's, then `own` (SOURCE_DIR, PIPELINES_*), then the variables of the build
 * file in their order, so that a later one may use an earlier one. Throws SECURE_VALUE_MISSING, naming all.
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
  return Object.fromEntries(values);
}

/**
 * Replaces `$NAME` and `${NAME}` by values that are there; anything else stays as it is written, so that "5 $" needs
 * no care. `\$` is a dollar sign.
 */
export function expandVariables(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\\\$|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (match, braced?: string, bare?: string) => {
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
