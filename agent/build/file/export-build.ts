import { resolve } from 'node:path';
import type { BuildExport } from '../../../shared/protocol/build-export.ts';
import type { BuildDeps } from '../build-deps.ts';
import { cloneSource } from '../git/clone-source.ts';
import { fetchHistory } from '../git/fetch-history.ts';
import { findBuildFile } from './find-build-file.ts';
import { createGit } from '../git/git.ts';
import { fetchLargeFiles } from '../git/large-files.ts';
import { createPatientGuard } from '../git/patient-git.ts';
import { guardSubmodules } from '../git/repository-guard.ts';
import { absoluteUri, localRepositoryEnvironment } from '../git/local-repository.ts';

export interface ExportOptions {
  readonly sourceUri: string;
  readonly sourcePath: string;
  readonly sourceCommit?: string | undefined;
  readonly workspace: string;
  readonly file?: string | undefined;
  readonly knownServices: readonly string[];
}

/** Clones the source into the workspace and returns its checked build file. */
export async function exportBuild(
  deps: BuildDeps,
  options: ExportOptions,
  privateDirectory: string,
): Promise<BuildExport> {
  const uri = absoluteUri(options.sourceUri, deps.cwd);
  const git = createGit(deps, await localRepositoryEnvironment(deps, uri, privateDirectory));
  const workspace = resolve(deps.cwd, options.workspace);
  const recoveries: string[] = [];
  const guard = createPatientGuard(deps, {
    onRetry: (line) => deps.stderr(`${line}\n`),
    onRecovered: (line) => recoveries.push(line),
  });
  const source = { uri, path: options.sourcePath, commit: options.sourceCommit };
  const cloned = await cloneSource(git, source, workspace, guard);
  const { file, fileName, warnings } = await findBuildFile(workspace, options.file, options.knownServices);
  if (file.git) await fetchHistory(cloned, file.git);
  const isSkipped = isSet(deps.environment['GIT_LFS_SKIP_SMUDGE']);
  const tools = { git, guard: guardSubmodules(guard, uri), isSkipped };
  const aboutLargeFiles = await fetchLargeFiles(tools, workspace);
  return { ...file, warnings: [...warnings, ...aboutLargeFiles, ...recoveries], fileName, commit: cloned.commit };
}

/** A switch in the environment as git-lfs reads it. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(0|false|no|off|f|n|)$/i.test(value);
}
