import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { examplesText } from '../command-help.ts';
import { drawCommand } from './draw-command.ts';
import { lintCommand } from './lint-command.ts';
import { simulateCommand } from './simulate-command.ts';

export function tableCommand(context: CliContext): Command {
  return new Command('table')
    .description('Check, simulate and draw state tables, without a control plane.')
    .addHelpText(
      'after',
      examplesText([
        'table lint my.table',
        'table lint ./my-task.ts#MyTask',
        'table simulate my.table --runs 10000',
        'table draw BuildSteps -o build-steps.svg',
      ]),
    )
    .addCommand(lintCommand(context))
    .addCommand(simulateCommand(context))
    .addCommand(drawCommand(context));
}
