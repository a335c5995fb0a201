import { z } from 'zod';

const SecureValue = z.strictObject({ secure: z.string() });

/** What `wip-agent build export` prints: the build file, checked, as JSON. Unknown fields are its future. */
export const ExportedBuildFile = z.looseObject({
  variables: z.looseObject({ global: z.record(z.string(), z.union([z.string(), SecureValue])) }),
  sshKeys: z.record(z.string(), SecureValue),
  warnings: z.array(z.string()).default([]),
  commit: z.string().optional(),
});
export type ExportedBuildFile = z.infer<typeof ExportedBuildFile>;

/** Prefixes under which decrypted values reach the build tool; it alone reads them and hides them from the steps. */
const SECURE_VARIABLE_PREFIX = 'WIP_SECURE_VAR_';
const SECURE_KEY_PREFIX = 'WIP_SECURE_KEY_';

/** The secure environment of the build process: every `secure:` value of the file, opened by `decrypt`. */
export function secureEnvironment(file: ExportedBuildFile, decrypt: (text: string) => string): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(file.variables.global)) {
    if (typeof value !== 'string') environment[SECURE_VARIABLE_PREFIX + name] = decrypt(value.secure);
  }
  for (const [name, value] of Object.entries(file.sshKeys)) {
    environment[SECURE_KEY_PREFIX + name] = decrypt(value.secure);
  }
  return environment;
}
