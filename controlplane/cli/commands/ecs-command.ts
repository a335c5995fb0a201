import type { Command } from 'commander';
import { writeJson, type CliContext } from '../cli-context.ts';
import { commandGroup } from '../command-help.ts';
import { checkClusterCommand } from '../ecs/check-cluster-command.ts';
import { explainCommand } from '../ecs/explain-command.ts';
import { reconcileCommand } from '../ecs/reconcile-command.ts';
import { localEcsCommand } from '../node/local-ecs-command.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';

export function ecsCommand(context: CliContext): Command {
  return commandGroup('ecs', 'Commands about ECS and containers on it.', [
    explainCommand(context),
    checkClusterCommand(context),
    reconcileCommand(context),
    localEcsCommand(),
    confirmCommand(context),
  ]);
}

function confirmCommand(context: CliContext): Command {
  return clientCommand(
    'confirm-restore',
    'Confirm that the restored database is the one in use. From then on containers that no task owns are stopped; ' +
      'until then the nodes only log them.',
    ['ecs confirm-restore'],
  ).action(async (options: ClientOptions) => {
    const client = connectOperator(options, context);
    const { restored } = await client.readRestored();
    if (restored) await client.confirmRestored();
    if (options.json) return writeJson(context, { confirmed: restored });
    context.out.write(
      restored
        ? `Confirmed the database of ${restored.dumpedAt}, restored at ${restored.at}. Containers that no task owns are stopped from now on.\n`
        : 'The database was not restored, or that has been confirmed: nothing was changed.\n',
    );
  });
}
