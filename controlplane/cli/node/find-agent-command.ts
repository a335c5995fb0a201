import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface LocalAgentCommand {
  readonly command: string[];
  /** Built files that are not used, because the sources have changed since. */
  readonly outdated: string[];
}

/**
 * Returns the command that starts an agent on this machine: the compiled binary, else the bundle, else the sources.
 * Binary and bundle are used only when they are not older than the sources.
 */
export async function findAgentCommand(
  root: string = fileURLToPath(new URL('../../..', import.meta.url)),
): Promise<LocalAgentCommand> {
  // In the package this file is below dist/, and so is the bundle; nothing there can be outdated.
  const published = join(root, 'wip-agent.cjs');
  if (existsSync(published)) return { command: [process.execPath, published], outdated: [] };
  const binary = join(root, 'dist', 'wip-agent');
  const bundle = join(root, 'dist', 'wip-agent.cjs');
  const built = [binary, bundle].filter((path) => existsSync(path));
  const newestSourceMs = built.length > 0 ? await newestMs(root) : 0;
  const isFresh = (path: string): boolean => statSync(path).mtimeMs >= newestSourceMs;
  const outdated = built.filter((path) => !isFresh(path)).map((path) => relative(root, path));
  const fresh = built.find(isFresh) ?? join(root, 'agent', 'main.ts');
  return { command: fresh === binary ? [binary] : [process.execPath, fresh], outdated };
}

async function newestMs(root: string): Promise<number> {
  const rooms = await Promise.all(['agent', 'shared'].map((room) => newestSourceMs(join(root, room))));
  return Math.max(...rooms);
}

async function newestSourceMs(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  return Math.max(0, ...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
