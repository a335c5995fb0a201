import type { Command } from 'commander';
import { MaintenanceBody, type MaintenanceView } from '../../api/state/state-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { commandGroup } from '../command-help.ts';
import { textFor } from '../given-value.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import type { OperatorClient } from '../client/operator-client.ts';
import { oneLine } from '../output/text.ts';

interface OnOptions extends ClientOptions {
  readonly reason?: string;
}

export function maintenanceCommand(context: CliContext): Command {
  const about = <O extends ClientOptions>(
    name: string,
    description: string,
    ask: (client: OperatorClient, options: O) => Promise<MaintenanceView>,
  ): Command =>
    clientCommand(name, description, EXAMPLES[name] ?? []).action(async (options: O) => {
      const view = await ask(connectOperator(options, context), options);
      if (options.json) writeJson(context, view);
      else context.out.write(`${textOf(view)}\n`);
    });
  return commandGroup('maintenance', 'Refuse new tasks for a while, or accept them again.', [
    about<OnOptions>('on', 'Refuse new tasks and restarts; existing tasks go on.', (client, { reason }) =>
      client.startMaintenance(reason),
    ).option('--reason <text>', 'reason that refused callers are shown', textFor(MaintenanceBody.shape.reason)),
    about('off', 'Accept new tasks again.', (client) => client.endMaintenance()),
    about('status', 'Show whether new tasks are accepted.', (client) => client.readMaintenance()),
  ]);
}

const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  on: ["maintenance on --reason 'the database is moved'"],
  off: ['maintenance off'],
  status: ['maintenance status', 'maintenance status --json | jq .isOn'],
};

function textOf({ isOn, reason, since, by }: MaintenanceView): string {
  if (!isOn) return 'No maintenance: new tasks are accepted.';
  const why = reason === null ? '' : ` Reason: ${oneLine(reason)}`;
  return `Maintenance since ${since}, by ${oneLine(by ?? 'somebody')}: new tasks are refused, the others go on.${why}`;
}
