import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { examplesText } from '../command-help.ts';
import { fileArgument } from './file-argument.ts';
import { runAgentsBuildTool } from './run-agents-build-tool.ts';

interface BuildOptions {
  readonly event: string;
  readonly step: readonly string[];
  readonly env: readonly string[];
}

export function buildCommand(context: CliContext): Command {
  return new Command('build')
    .description(
      'Run the steps of a build file here: on this machine, without a container, in the directory of the file as it lies there. ' +
        'Nothing is pushed. The steps may do whatever you may.',
    )
    .argument('[file]', 'the build file, or its directory; acquia-pipelines.yaml or .yml of this directory')
    .option('--event <event>', 'the event whose steps are run', 'build')
    .option('--step <name>', 'run this step only; can be repeated', addTo, [])
    .option('--env <name=value>', 'set a variable, also in place of a sealed one; can be repeated', addTo, [])
    .addHelpText(
      'after',
      examplesText([
        'build',
        'build --step test',
        'build ../site/acquia-pipelines.yaml --event post-deploy --env TOKEN=x',
      ]),
    )
    .action(async (file: string | undefined, { event, step, env }: BuildOptions) => {
      const options = [...step.map((name) => `--step=${name}`), ...env.map((variable) => `--env=${variable}`)];
      const argv = ['local', '--until-input-ends', `--event=${event}`, ...options, ...fileArgument(file, context.cwd)];
      context.setExitCode((await runAgentsBuildTool(context, argv)).exitCode);
    });
}

function addTo(value: string, values: readonly string[]): string[] {
  return [...values, value];
}
