import { escapeControls } from '../../../shared/text/quote.ts';
import type { BuildDeps } from '../build-deps.ts';
import { BuildFileError } from './build-file.ts';
import { findBuildFile, locateBuildFile } from './find-build-file.ts';
import { lintCommands } from './lint-commands.ts';

export interface BuildLintOptions {
  readonly file?: string | undefined;
  readonly knownServices: readonly string[];
  readonly format: 'text' | 'json';
}

/** Checks a build file and its commands, and says what it holds; throws a BuildFileError when it is not valid. */
export async function lintBuildFile(
  deps: Pick<BuildDeps, 'cwd' | 'environment' | 'stdout' | 'stderr'>,
  { file: path, knownServices, format }: BuildLintOptions,
): Promise<void> {
  const { directory, name } = locateBuildFile(deps.cwd, path);
  const say = (report: object): unknown => deps.stdout(`${JSON.stringify(report)}\n`);
  try {
    const { fileName, file, warnings: ofFile } = await findBuildFile(directory, name, knownServices);
    const warnings = [...ofFile, ...(await lintCommands(file, fileName, deps.environment.PATH ?? ''))];
    if (format === 'json') return void (await say({ isValid: true, problems: [], warnings }));
    for (const warning of warnings) await deps.stderr(`warning: ${warning}\n`);
    const events = Object.entries(file.events).map(([event, { steps }]) => `${event} (${stepCount(steps.length)})`);
    await deps.stdout(`${escapeControls(fileName)} is a valid build file: ${events.join(', ') || 'no events'}.\n`);
  } catch (error) {
    if (format === 'json' && error instanceof BuildFileError) await say({ isValid: false, problems: error.problems });
    throw error;
  }
}

function stepCount(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}
