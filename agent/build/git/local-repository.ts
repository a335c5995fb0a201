import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BuildDeps } from '../build-deps.ts';
import { isLocalRepository } from './git.ts';

/** The address as git can use it from any directory. */
export function absoluteUri(uri: string, cwd: string): string {
  return isLocalRepository(uri) && !/^file:\/\//i.test(uri) ? resolve(cwd, uri) : uri;
}

/**
 * A repository on this machine may belong to another user (the developer's, read by the workload user), and git then
 * refuses it unless the *global* configuration allows it: command-line settings do not reach the upload-pack that
 * serves it (tried with git 2.39.5). The repository was named by whoever ordered the build, so it is allowed here;
 * submodules in it may lie on this machine too. Other addresses need nothing.
 */
export async function localRepositoryEnvironment(
  deps: BuildDeps,
  uri: string,
  privateDirectory: string,
): Promise<Record<string, string>> {
  if (!isLocalRepository(uri)) return {};
  const { GIT_CONFIG_GLOBAL: chosen, HOME: home, XDG_CONFIG_HOME: xdg } = deps.environment;
  const usual = home ? [`${xdg || join(home, '.config')}/git/config`, join(home, '.gitconfig')] : [];
  const included = (chosen === undefined ? usual : [chosen]).map(
    (path) => `[include]\n\tpath = ${JSON.stringify(path)}\n`,
  );
  const file = join(privateDirectory, 'gitconfig');
  await writeFile(file, `${included.join('')}[safe]\n\tdirectory = *\n[protocol "file"]\n\tallow = always\n`, {
    mode: 0o600,
  });
  return { GIT_CONFIG_GLOBAL: file };
}
