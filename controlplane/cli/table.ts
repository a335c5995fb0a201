import { Command } from 'commander';
import type { CliWorld } from './cli-world.ts';
import { drawCommand } from './table-draw.ts';
import { lintCommand } from './table-lint.ts';
import { simulateCommand } from './table-simulate.ts';
import { examplesText } from './table-source.ts';

export function tableCommand(world: CliWorld): Command {
  return new Command('table')
    .description('Check, try and draw state tables, without a control plane.')
    .addHelpText(
      'after',
      examplesText([
        'table lint my.table',
        'table lint ./my-task.ts#MyTask',
        'table simulate my.table --runs 10000',
        'table draw BuildSteps -o build-steps.svg',
      ]),
    )
    .addCommand(lintCommand(world))
    .addCommand(simulateCommand(world))
    .addCommand(drawCommand(world));
}
