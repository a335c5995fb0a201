import { rm } from 'node:fs/promises';
import { messageOf } from '../../shared/model/error.ts';
import type { BuildExport } from '../../shared/protocol/build-export.ts';
import type { BuildExportFailure } from '../../shared/protocol/git-failure.ts';
import { FollowingAbort } from '../../shared/time/following-abort.ts';
import { escapeLines } from '../../shared/text/quote.ts';
import { buildArguments, BUILD_USAGE, type BuildArguments } from './build-arguments.ts';
import type { BuildDeps } from './build-deps.ts';
import { BuildOutput } from './build-output.ts';
import { exportBuild, type ExportOptions } from './file/export-build.ts';
import { GitFailure } from './git/explain-git-failure.ts';
import { BuildAborted } from './git/git.ts';
import { knownFailure } from './git/known-failure.ts';
import { lintBuildFile } from './file/lint-build-file.ts';
import { runLocalBuild } from './local-build.ts';
import { makePrivateDirectory } from './private-directory.ts';
import { startBuildGuard } from './build-guard.ts';
import { runBuild } from './run-build.ts';
import type { RunDeps } from './run-steps.ts';

const EXIT_OK = 0;
const EXIT_FAILED = 1;
/** `export` only: the file is usable, and there is something to say about it. */
const EXIT_WARNINGS = 2;
const EXIT_USAGE = 64; // EX_USAGE of sysexits.h; 2 has its meaning here already
const EXIT_TERMINATED = 143; // 128 + SIGTERM, as a shell says it

/**
 * Runs `wip-agent build …` and returns the exit code. stdout has the result (the JSON of `export`, the output of
 * `run`), stderr what is for people only.
 */
export async function runBuildTool(argv: readonly string[], given: BuildDeps): Promise<number> {
  const deps = withOutput(given);
  try {
    return await runArguments(buildArguments(argv), deps);
  } catch (error) {
    if (error instanceof BuildAborted) {
      await deps.stderr('The build was terminated.\n');
      return EXIT_TERMINATED;
    }
    const known = knownFailure(error);
    await deps.stderr(escapeLines(`${known.code}: ${known.message}\n`));
    return known.code === 'USAGE' ? EXIT_USAGE : EXIT_FAILED;
  }
}

/** What this tool says begins a line, whatever a step has written before. */
function withOutput(deps: BuildDeps): RunDeps {
  const output = new BuildOutput(deps);
  const say = (stream: 'stdout' | 'stderr') => (text: string | Uint8Array) => output.write(stream, [text]);
  return { ...deps, output, stdout: say('stdout'), stderr: say('stderr') };
}

async function runArguments(command: BuildArguments, deps: RunDeps): Promise<number> {
  switch (command.kind) {
    case 'help':
      await deps.stdout(BUILD_USAGE);
      return EXIT_OK;
    case 'export':
      return withPrivateDirectory(deps, async (directory, guarded) => {
        const exported = await exportOrSay(guarded, command.options, directory);
        for (const warning of exported.warnings) await deps.stderr(`warning: ${warning}\n`);
        await deps.stdout(`${JSON.stringify(exported)}\n`);
        return exported.warnings.length > 0 ? EXIT_WARNINGS : EXIT_OK;
      });
    case 'lint':
      await lintBuildFile(deps, command.options);
      return EXIT_OK;
    case 'local':
      return withPrivateDirectory(deps, async (directory, guarded) => {
        const { signal: abort } = new FollowingAbort(deps.abort, ...(command.endsWithInput ? [deps.inputEnd()] : []));
        const outcome = await runLocalBuild({ ...guarded, abort }, command.options, directory);
        return outcome === 'succeeded' ? EXIT_OK : EXIT_FAILED;
      });
    case 'run':
      return withPrivateDirectory(deps, async (directory, guarded) => {
        const outcome = await runBuild(guarded, command.options, directory);
        return outcome === 'succeeded' ? EXIT_OK : EXIT_FAILED;
      });
  }
}

/** Prints a failure of git as JSON too: whoever ordered the export may try again, and people need not. */
async function exportOrSay(deps: BuildDeps, options: ExportOptions, directory: string): Promise<BuildExport> {
  try {
    return await exportBuild(deps, options, directory);
  } catch (error) {
    if (error instanceof GitFailure) {
      const told: BuildExportFailure = { failure: error.toldToPrograms() };
      await deps.stdout(`${JSON.stringify(told)}\n`);
    }
    throw error;
  }
}

/** The directory is gone at the end. */
async function withPrivateDirectory(
  deps: RunDeps,
  use: (directory: string, guarded: RunDeps) => Promise<number>,
): Promise<number> {
  const directory = await makePrivateDirectory(deps.environment.TMPDIR || '/tmp');
  const guard = startBuildGuard(deps.environment.PATH ?? '');
  guard.watchDirectory(directory);
  try {
    return await use(directory, { ...deps, guard });
  } finally {
    await guard.release();
    await rm(directory, { recursive: true, force: true }).catch(async (cause: unknown) => {
      // Says nothing about the build. A step may have put something else in the place of the directory above.
      await deps.stderr(`warning: ${directory} could not be removed: ${messageOf(cause)}\n`);
    });
  }
}
