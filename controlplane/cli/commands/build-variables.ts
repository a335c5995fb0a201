import { OperationalError } from '../../../shared/model/error.ts';
import { EnvironmentName } from '../../../shared/protocol/overrides.ts';
import type { CliContext } from '../cli-context.ts';

export const ENV_HELP =
  'a variable of the build; may be repeated. Its value is masked in the output. NAME alone takes the value it has here, ' +
  'which other users of this machine then do not see';

/** Reads the values of the repeated option `--env`. Throws USAGE. */
export function readBuildVariables(
  pairs: readonly string[],
  { environment }: Pick<CliContext, 'environment'>,
): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      const name = at === -1 ? pair : pair.slice(0, at);
      if (!EnvironmentName.safeParse(name).success) throw noVariable(at === -1 ? 'The text after --env' : `"${name}"`);
      const value = at === -1 ? environment[name] : pair.slice(at + 1);
      if (value === undefined) throw notSet(name);
      return [name, value];
    }),
  );
}

// The message repeats only the name before "=", because a value may be a secret. A text without "=" may be a secret too.
function noVariable(what: string): OperationalError {
  return new OperationalError('USAGE', {
    happened: `${what} is not a name for a variable`,
    remedy: 'Give --env NAME=VALUE with letters, digits and _ in the name, not beginning with a digit',
  });
}

function notSet(name: string): OperationalError {
  return new OperationalError('USAGE', {
    happened: `--env ${name} has no value, and ${name} is not set here`,
    remedy: `Give --env ${name}=VALUE, or set it`,
  });
}
