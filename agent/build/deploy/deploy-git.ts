import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildDeps } from '../build-deps.ts';
import type { DeployMeans } from './deploy-means.ts';
import { gitProgram, isLocalRepository, SSH_PATIENCE, type Git } from '../git/git.ts';
import { shellQuote } from '../../../shared/text/shell-quote.ts';
import { checkUnchanged, SYSTEM_PATH } from '../trusted-program.ts';

/** A path below which nobody can put something, root neither: it is no directory. */
const NOWHERE = '/dev/null';

/**
 * git for the push. The steps could write the configuration of the user, of the workspace and of SSH, hooks, variables
 * and a PATH of their own; none of them is read. Outside a repository no file is read that the build's user could
 * write, but for a deploy repository on this machine.
 */
export async function createDeployGit(
  deps: BuildDeps,
  means: DeployMeans,
  where: { readonly uri: string; readonly directory: string },
): Promise<Git> {
  checkUnchanged(means.git);
  if (means.ssh) checkUnchanged(means.ssh);
  const environment = {
    ...means.environment,
    PATH: SYSTEM_PATH,
    HOME: NOWHERE,
    XDG_CONFIG_HOME: NOWHERE,
    TMPDIR: where.directory,
    LC_ALL: 'C',
    GIT_DIR: NOWHERE,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: isLocalRepository(where.uri) ? await allowOwner(where.directory) : '/dev/null',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...(means.sshCommand === null
      ? { GIT_SSH_COMMAND: await sshCommand(means, where.directory), GIT_SSH_VARIANT: 'ssh' }
      : { GIT_SSH_COMMAND: means.sshCommand }),
    ...asVariables(means.settings),
  };
  return gitProgram({ ...deps, cwd: '/' }, means.git.path, environment);
}

/** A repository on this machine may be another user's; git takes the permission from a file only. */
async function allowOwner(directory: string): Promise<string> {
  const file = join(directory, 'gitconfig');
  await writeFile(file, '[safe]\n\tdirectory = *\n', { mode: 0o600 });
  return file;
}

async function sshCommand(means: DeployMeans, directory: string): Promise<string> {
  const knownHosts = join(directory, 'known_hosts');
  await writeFile(knownHosts, means.knownHosts, { mode: 0o600 });
  // The inner quotes are for ssh, which takes a list of files.
  const hosts = shellQuote(`UserKnownHostsFile="${knownHosts}"`);
  const words = [shellQuote(means.ssh?.path ?? 'ssh'), '-F /dev/null', '-o BatchMode=yes', SSH_PATIENCE];
  // An unknown server is taken at first sight, as by the clone.
  words.push('-o StrictHostKeyChecking=accept-new', `-o ${hosts}`);
  if (means.key !== null) {
    const key = join(directory, 'key');
    // OpenSSH refuses a key without its last line end.
    await writeFile(key, `${means.key.trimEnd()}\n`, { mode: 0o600 });
    words.push(`-i ${shellQuote(key)}`, '-o IdentitiesOnly=yes');
  }
  return words.join(' ');
}

function asVariables(settings: DeployMeans['settings']): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  settings.forEach(([name, value], index) => {
    variables[`GIT_CONFIG_KEY_${index}`] = name;
    variables[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return variables;
}
