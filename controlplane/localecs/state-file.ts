import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { emptyState, LocalState } from './local-state.ts';

interface StateFile {
  readonly state: LocalState;
  /** Resolves when every change so far is in the file. Changes made meanwhile share the next write. */
  save(): Promise<void>;
}

/**
 * Opens the state file below `directory`, or creates it. Throws DATA_DIRECTORY_UNUSABLE when it exists and cannot be
 * read.
 */
export async function openStateFile(directory: string, clusterNames: readonly string[]): Promise<StateFile> {
  // Other users may pass through the directory: a build may run as another user, with its home below. The state itself
  // is 0600.
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const file = path.join(directory, 'state.json');
  const state = (await readState(file)) ?? emptyState(clusterNames);
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function write(): Promise<void> {
    const temporary = `${file}.tmp`;
    await writeFile(temporary, JSON.stringify(state), { mode: 0o600 });
    await rename(temporary, file);
  }

  function save(): Promise<void> {
    // At most one write runs and one waits. The waiting one includes all changes made until it begins.
    next ??= (running ?? Promise.resolve()).catch(ignoreEarlierFailure).then(() => {
      running = write();
      next = null;
      return running;
    });
    return next;
  }

  return { state, save };
}

/** The caller of the earlier write got its error. This write is tried all the same. */
function ignoreEarlierFailure(): void {
  return undefined;
}

async function readState(file: string): Promise<LocalState | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable(file, error);
  }
  try {
    return LocalState.parse(JSON.parse(text));
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, cause: unknown): OperationalError {
  return new OperationalError('DATA_DIRECTORY_UNUSABLE', {
    happened: `The state of local ECS in ${file} cannot be read: ${messageOf(cause)}`,
    remedy: 'Move the file away; containers it knew of are then forgotten, so end what still runs of them',
    cause,
  });
}
