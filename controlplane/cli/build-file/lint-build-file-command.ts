import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { examplesText } from '../command-help.ts';
import { positional } from './build-command.ts';
import { runBuildTool } from './run-build-tool.ts';

export function lintBuildFileCommand(context: CliContext): Command {
  return new Command('lint')
    .description('Check a build file as a build would, without a container; exits with 1 when it is not valid.')
    .argument('[file]', 'the build file; acquia-pipelines.yaml or .yml of this directory')
    .option('--services <names>', 'services that the build image has running, such as mysql,redis', '')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', examplesText(['lint', 'lint acquia-pipelines.yaml --json']))
    .action(async (file: string | undefined, { services, json }: { services: string; json?: boolean }) => {
      await runBuildTool(context, ['lint', `--services=${services}`, ...(json ? ['--json'] : []), ...positional(file)]);
    });
}
