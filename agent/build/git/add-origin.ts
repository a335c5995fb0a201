import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes `uri` the remote "origin" of a new repository, as `git remote add` would: a process less in every build. Throws what
 * the file system says.
 */
export async function addOrigin(repository: string, uri: string): Promise<void> {
  const { O_APPEND, O_NOFOLLOW, O_WRONLY } = constants;
  const config = await open(join(repository, '.git', 'config'), O_WRONLY | O_APPEND | O_NOFOLLOW);
  try {
    await config.writeFile(originSection(uri));
  } finally {
    await config.close();
  }
}

/** Returns the section of git's configuration (git-config(1), Syntax). In quotes only these characters are special. */
function originSection(uri: string): string {
  const value = uri.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return `[remote "origin"]\n\turl = "${value}"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;
}
