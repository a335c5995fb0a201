import { existsSync } from 'node:fs';
import { lstat, open, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { GitFailure, gitFailure } from './explain-git-failure.ts';
import { gitWords } from './git-words.ts';
import type { Git, GitResult } from './git.ts';
import type { RepositoryGuard } from './repository-guard.ts';

/** A pointer begins with this line and has at most 1,023 bytes (specification of Git LFS, "The Pointer"). */
const POINTER_START = Buffer.from('version https://git-lfs.github.com/spec/v1\n');
const MAX_POINTER_BYTES = 1_023;
const MAX_NAMES_IN_MESSAGE = 5;
/** git-lfs repeats a download eight times over 37 s by itself, and a failure that may pass is repeated here, too (chosen). */
const MAX_TRANSFER_TRIES = 3;

/**
 * Settings under which a checkout leaves pointers as they are. The image may have the filter in its configuration and
 * the program not installed, and then a checkout would fail without naming a file.
 */
export const WITHOUT_LFS = [
  ...['-c', 'filter.lfs.process=', '-c', 'filter.lfs.smudge='],
  ...['-c', 'filter.lfs.clean=', '-c', 'filter.lfs.required=false'],
];

export interface LargeFileTools {
  readonly git: Git;
  /** Judges the servers that the source names, as it does for submodules. */
  readonly guard: RepositoryGuard;
  /** Set when the caller wants the pointers. */
  readonly isSkipped: boolean;
}

/**
 * Replaces the pointers of Git LFS in a fresh clone by the files, where the image has git-lfs. Returns a warning that
 * names the files that are still pointers.
 */
export async function fetchLargeFiles(tools: LargeFileTools, workspace: string): Promise<string[]> {
  const pointers = await findPointers(workspace);
  if (pointers.length === 0) return [];
  if (tools.isSkipped) return [warning(pointers, 'GIT_LFS_SKIP_SMUDGE is set', 'unset it')];
  const version = await tools.git(['lfs', 'version']);
  if (version.exitCode !== 0) {
    const remedy = 'install git-lfs in the build image, or fetch the files in a step';
    return [warning(pointers, 'the image has no git-lfs', remedy)];
  }
  const repositories = new Set(pointers.map((path) => repositoryOf(join(workspace, path), workspace)));
  for (const repository of repositories) await pull(tools, repository);
  const left = await findPointers(workspace);
  const remedy =
    'put their pattern into .gitattributes with "git lfs track" and not into fetchexclude of .lfsconfig, or commit the files themselves';
  return left.length === 0 ? [] : [warning(left, 'git-lfs is not told to fetch them', remedy)];
}

/** The workspace, or the submodule that a file is in. */
function repositoryOf(file: string, workspace: string): string {
  let directory = dirname(file);
  while (directory !== workspace && !existsSync(join(directory, '.git'))) directory = dirname(directory);
  return directory;
}

async function pull({ git, guard }: LargeFileTools, repository: string): Promise<void> {
  const here: Git = (args, options) => git(['-c', 'safe.directory=*', ...args], { ...options, cwd: repository });
  const must = async (result: GitResult): Promise<string> => {
    if (result.exitCode === 0) return result.stdout;
    throw gitFailure('The files of Git LFS cannot be fetched', result, 'source');
  };
  // For the steps too: without the filter each of these files would seem to be changed.
  await must(await here(['lfs', 'install', '--local', '--skip-repo']));
  // A source may name another server in its .lfsconfig.
  const server = /^Endpoint=(\S+)/m.exec(await must(await here(['lfs', 'env'])))?.[1];
  const guarded = server === undefined ? here : await guard(here, server);
  const pulled = await guarded(['-c', `lfs.transfer.maxretries=${MAX_TRANSFER_TRIES}`, 'lfs', 'pull']);
  if (pulled.exitCode !== 0 && MISSING_OBJECT.test(pulled.stderr)) {
    const files = await pointersNamedIn(pulled.stderr, repository);
    const names = files.length === 0 ? '' : ` (${someOf(files)})`;
    throw new GitFailure('GIT_FAILED', 'ref-missing', {
      happened: `The server has not all files of Git LFS${names}: ${gitWords(pulled.stderr).replace(/\.$/, '')}`,
      remedy: 'Push them from a clone that has them, with "git lfs push --all origin"',
    });
  }
  await must(pulled);
}

/**
 * Words of git-lfs about a file, of 3.0 to 3.6: the server answers, and has only its pointer. The second half is for servers
 * that speak HTTP: the answer to a batch, and that to a download.
 */
const MISSING_OBJECT =
  /remote missing object|object does not exist on the server|\] .*: \[(?:404|410)\] |LFS: Repository or object not found/i;

/** Returns the files below the repository whose objects a text names. */
async function pointersNamedIn(text: string, repository: string): Promise<string[]> {
  const objects = new Set(text.match(/\b[0-9a-f]{64}\b/g));
  const named: string[] = [];
  for (const path of await findPointers(repository)) {
    const object = /^oid sha256:([0-9a-f]{64})$/m.exec(await readFile(join(repository, path), 'utf8'))?.[1];
    if (object !== undefined && objects.has(object)) named.push(path);
  }
  return named;
}

function someOf(paths: readonly string[]): string {
  const some = paths.slice(0, MAX_NAMES_IN_MESSAGE).join(', ');
  return paths.length > MAX_NAMES_IN_MESSAGE ? `${some}, …` : some;
}

function warning(pointers: readonly string[], reason: string, remedy: string): string {
  const [files, are] = pointers.length === 1 ? ['file', 'is a pointer'] : ['files', 'are pointers'];
  return `${pointers.length} ${files} ${are} of Git LFS and not the content (${someOf(pointers)}), because ${reason}: ${remedy}`;
}

/** The files that hold a pointer, by their content; sorted, relative to the workspace. */
async function findPointers(workspace: string): Promise<string[]> {
  const pointers: string[] = [];
  const left = [workspace];
  for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && entry.name !== '.git') left.push(path);
      else if (entry.isFile() && (await isPointer(path))) pointers.push(relative(workspace, path));
    }
  }
  return pointers.sort();
}

async function isPointer(path: string): Promise<boolean> {
  const { size } = await lstat(path);
  if (size < POINTER_START.length || size > MAX_POINTER_BYTES) return false;
  const file = await open(path);
  try {
    const start = Buffer.alloc(POINTER_START.length);
    await file.read(start, 0, start.length, 0);
    return start.equals(POINTER_START);
  } finally {
    await file.close();
  }
}
