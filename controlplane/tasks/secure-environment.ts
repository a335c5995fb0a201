import {
  secureKeyEnvironmentName,
  secureVariableEnvironmentName,
  type BuildExport,
} from '../../shared/protocol/build-export.ts';

/** The secure environment of the build process: every `secure:` value of the file, opened by `decrypt`. */
export function secureEnvironment(
  file: Pick<BuildExport, 'variables' | 'sshKeys'>,
  decrypt: (text: string) => string,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(file.variables.global)) {
    if (typeof value !== 'string') environment[secureVariableEnvironmentName(name)] = decrypt(value.secure);
  }
  for (const [name, value] of Object.entries(file.sshKeys)) {
    environment[secureKeyEnvironmentName(name)] = decrypt(value.secure);
  }
  return environment;
}
