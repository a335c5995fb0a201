import { asClause } from '../container/as-clause.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import {
  secureKeyEnvironmentName,
  secureVariableEnvironmentName,
  type BuildExport,
} from '../../../shared/protocol/build-export.ts';

/**
 * Returns the secure environment of the build process: each `secure:` value of the file, opened by `decrypt`. Throws an
 * OperationalError that names a value that cannot be opened.
 */
export async function secureEnvironment(
  file: Pick<BuildExport, 'variables' | 'sshKeys'>,
  decrypt: (text: string) => Promise<string>,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = {};
  const open = async (what: string, sealed: string): Promise<string> => {
    try {
      return await decrypt(sealed);
    } catch (cause) {
      if (!(cause instanceof OperationalError)) throw cause;
      throw new OperationalError(cause.code, {
        happened: `The secure value of the ${what} in the build file cannot be opened by this installation: ${asClause(cause.happened)}`,
        remedy: 'Seal it again with "wipctl encrypt" on this control plane, and put the new text into the build file',
        cause,
      });
    }
  };
  for (const [name, value] of Object.entries(file.variables.global)) {
    if (typeof value !== 'string')
      environment[secureVariableEnvironmentName(name)] = await open(`variable ${name}`, value.secure);
  }
  for (const [name, value] of Object.entries(file.sshKeys)) {
    environment[secureKeyEnvironmentName(name)] = await open(`SSH key ${name}`, value.secure);
  }
  return environment;
}
