import type { Dirent } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Kinds of entries that git has no form for. */
const LEFT_OUT = ['empty directory', 'FIFO', 'socket', 'device'] as const;
type LeftOutKind = (typeof LEFT_OUT)[number];

export interface ArtefactFiles {
  /** Files and symbolic links. */
  readonly count: number;
  readonly leftOut: readonly { readonly kind: LeftOutKind; readonly path: string }[];
}

const PLURALS: Readonly<Record<LeftOutKind, string>> = {
  'empty directory': 'empty directories',
  FIFO: 'FIFOs',
  socket: 'sockets',
  device: 'devices',
};
const MAX_PATHS_IN_LINE = 3;

/**
 * Makes the workspace ready to be committed, and says what it holds. The .git of submodules and of packages installed
 * from source is taken away: git would record each as a bare reference to another repository and leave its files out of
 * the artefact. Nothing runs in the workspace after this.
 */
export async function prepareArtefactFiles(workspace: string): Promise<ArtefactFiles> {
  const leftOut: { kind: LeftOutKind; path: string }[] = [];
  let count = 0;
  const directories = [workspace];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    const entries = await readdir(directory, { withFileTypes: true });
    const kept = entries.filter(({ name }) => name !== '.git');
    if (kept.length === 0 && directory !== workspace) {
      leftOut.push({ kind: 'empty directory', path: relative(workspace, directory) });
    }
    if (kept.length < entries.length && directory !== workspace) {
      await rm(join(directory, '.git'), { recursive: true, force: true });
    }
    for (const entry of kept) {
      const path = join(directory, entry.name);
      const kind = specialKind(entry);
      if (entry.isDirectory()) directories.push(path);
      else if (kind === null) count++;
      else leftOut.push({ kind, path: relative(workspace, path) });
    }
  }
  return { count, leftOut };
}

function specialKind(entry: Dirent): LeftOutKind | null {
  if (entry.isFIFO()) return 'FIFO';
  if (entry.isSocket()) return 'socket';
  return entry.isCharacterDevice() || entry.isBlockDevice() ? 'device' : null;
}

/** One line, as `left out, because git has no form for them: 2 empty directories, 1 FIFO (cache, logs, run/x)`. */
export function leftOutLine({ leftOut }: ArtefactFiles): string | null {
  if (leftOut.length === 0) return null;
  const counts = LEFT_OUT.flatMap((kind) => {
    const count = leftOut.filter((one) => one.kind === kind).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? kind : PLURALS[kind]}`];
  });
  const paths = leftOut.map(({ path }) => path).sort();
  const named = paths.slice(0, MAX_PATHS_IN_LINE).join(', ') + (paths.length > MAX_PATHS_IN_LINE ? ', …' : '');
  return `left out, because git has no form for them: ${counts.join(', ')} (${named})`;
}
