import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOwnDirectory, makeOwnPath } from '../system/make-own-path.ts';
import { ownScript } from '../process/own-program.ts';

/** Directories that an agent without a container makes itself, since no image brings them. */
export interface PreparedRoot {
  /** Holds the build's temporary files, so that they are measured with the rest. */
  readonly temporaryDirectory: string;
  /** Holds the `wip-agent` that builds call. */
  readonly binDirectory: string;
}

export function prepareRoot(root: string, selfCommand: readonly string[]): PreparedRoot {
  const temporaryDirectory = join(root, 'tmp');
  makeOwnDirectory(temporaryDirectory, 0o755);
  // The mode of /tmp: everybody may write, and remove only files of his own.
  chmodSync(temporaryDirectory, 0o1777);
  const binDirectory = join(root, 'bin');
  makeOwnDirectory(binDirectory, 0o755);
  const script = join(binDirectory, 'wip-agent');
  makeOwnPath(script, () => writeFileSync(script, ownScript(selfCommand), { mode: 0o755 }));
  return { temporaryDirectory, binDirectory };
}

/**
 * Makes the agent's own directories, which only the agent may enter. Output of an earlier agent is removed: it may hold
 * secrets.
 */
export function prepareState(stateDirectory: string): { outputDirectory: string } {
  const outputDirectory = join(stateDirectory, 'output');
  makeOwnDirectory(stateDirectory, 0o700);
  makeOwnPath(outputDirectory, () => {
    chmodSync(stateDirectory, 0o700);
    rmSync(outputDirectory, { recursive: true, force: true });
    mkdirSync(outputDirectory, { mode: 0o700 });
  });
  return { outputDirectory };
}

/** Tells the program that started the agent where SSH listens. The rename keeps readers from seeing half a file. */
export function writePortFile(path: string, port: number): void {
  writeFileSync(`${path}.tmp`, JSON.stringify({ 22: port }));
  renameSync(`${path}.tmp`, path);
}
