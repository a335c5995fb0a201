import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { commandGroup } from '../command-help.ts';
import { checkConfigCommand } from './check-config-command.ts';
import { diffConfigCommand } from './diff-config-command.ts';
import { explainConfigCommand } from './explain-config-command.ts';

export function configCommand(context: CliContext): Command {
  return commandGroup('config', 'Explain, check and compare the settings of nodes and of task definitions.', [
    explainConfigCommand(context),
    checkConfigCommand(context),
    diffConfigCommand(context),
  ]);
}
