import type { BuildPlace } from './build-place.ts';

/** The sentence about a step with these commands as blocks, without its beginning. The first line of the first is line 8. */
export async function failureOfStep(place: BuildPlace, commands: readonly (readonly string[])[]): Promise<string> {
  const { stderr } = await place.run(stepOfBlocks(commands));
  return /The step "only" failed in (.*) of acquia-pipelines\.yaml, (?:exit code|ended by) .*?: (.*)\n$/s
    .exec(stderr)!
    .slice(1)
    .join(': ');
}

/** A build file with one step. */
export function stepOfBlocks(commands: readonly (readonly string[])[]): string {
  const block = (lines: readonly string[]): string =>
    `            - |\n${lines.map((line) => (line === '' ? '\n' : `              ${line}\n`)).join('')}`;
  return `version: 1.0.0\nevents:\n  build:\n    steps:\n      - only:\n          script:\n${commands.map(block).join('')}`;
}
