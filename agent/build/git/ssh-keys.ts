import { shellQuote } from '../../../shared/text/shell-quote.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secureKeyEnvironmentName, type BuildFile } from '../../../shared/protocol/build-export.ts';
import type { CallerEnvironment } from '../build-deps.ts';

/**
 * Writes the SSH keys of the build file (0600, outside the workspace, so that no artefact can hold one) and returns
 * what makes git in the steps use them. They are added to whatever command git would use anyway; no ssh-agent, which
 * would be one more process to end.
 */
export async function writeSshKeys(
  file: BuildFile,
  where: { readonly secure: CallerEnvironment; readonly steps: CallerEnvironment; readonly privateDirectory: string },
): Promise<Record<string, string>> {
  const names = Object.keys(file.sshKeys);
  if (names.length === 0) return {};
  const directory = join(where.privateDirectory, 'ssh-keys');
  await mkdir(directory, { mode: 0o700 });
  const { GIT_SSH_COMMAND: command, GIT_SSH: program } = where.steps;
  const base = command || (program ? shellQuote(program) : 'ssh -o BatchMode=yes');
  const options: string[] = [];
  for (const name of names) {
    const key = where.secure[secureKeyEnvironmentName(name)] ?? '';
    const path = join(directory, name);
    // OpenSSH refuses a key without its last line end, which people lose when they copy one.
    await writeFile(path, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 });
    options.push(`-i ${shellQuote(path)}`);
  }
  return { GIT_SSH_COMMAND: [base, ...options].join(' ') };
}
