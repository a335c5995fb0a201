import { Command } from 'commander';
import { buildFileSchema } from '../../../shared/protocol/build-file-format.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { examplesText } from '../command-help.ts';
import { fileArgument } from './file-argument.ts';
import { runAgentsBuildTool } from './run-agents-build-tool.ts';

interface BuildLintOptions {
  readonly services: string;
  readonly json?: boolean;
  readonly schema?: boolean;
}

export function lintBuildFileCommand(context: CliContext): Command {
  return new Command('lint')
    .description('Check a build file as a build would, without a container; exits with 1 when it is not valid.')
    .argument('[file]', 'the build file, or its directory; acquia-pipelines.yaml or .yml of this directory')
    .option('--services <names>', 'services that the build image has running, such as mysql,redis', '')
    .option('--json', 'print JSON for programs')
    .option('--schema', 'print the JSON Schema of build files, for editors, and check nothing')
    .addHelpText(
      'after',
      examplesText(['lint', 'lint acquia-pipelines.yaml --json', 'lint --schema > build-file.schema.json']),
    )
    .action(async (file: string | undefined, { services, json, schema }: BuildLintOptions) => {
      if (schema) return writeJson(context, buildFileSchema());
      const options = [`--services=${services}`, ...(json ? ['--json'] : [])];
      const argv = ['lint', ...options, ...fileArgument(file, context.cwd)];
      context.setExitCode((await runAgentsBuildTool(context, argv)).exitCode);
    });
}
