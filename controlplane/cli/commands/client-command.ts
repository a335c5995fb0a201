import { Command, Option } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import type { CliContext } from '../cli-context.ts';
import { examplesText } from '../command-help.ts';
import { someText } from '../given-value.ts';
import { createWipClient, type WipClient } from '../client/wip-client.ts';
import { findConnection, type Connection, type ConnectionOptions } from '../client/find-connection.ts';
import { createOperatorClient, type OperatorClient } from '../client/operator-client.ts';

export interface ClientOptions extends ConnectionOptions {
  readonly json?: boolean;
}

const SERVER_GROUP = 'Control plane:';

/** Makes a command that calls a control plane and prints the answer; its help ends with the `examples`. */
export function clientCommand(name: string, description: string, examples: readonly string[]): Command {
  const command = new Command(name).description(description).addOption(new Option('--json', 'print JSON for programs'));
  return addServerOptions(command).addHelpText('after', examplesText(examples));
}

/** Adds the options that name a control plane. */
export function addServerOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--server <url>',
        'its address (or WIP_SERVER; default: the "wipctl dev" of this directory, then the current context)',
      ).helpGroup(SERVER_GROUP),
    )
    .addOption(
      new Option('--token <token>', 'token for it (better: WIP_TOKEN, which other users do not see)')
        .argParser(someText)
        .helpGroup(SERVER_GROUP),
    )
    .addOption(
      new Option(
        '--context <name>',
        'a saved address and token (or WIP_CONTEXT; see "wipctl context --help")',
      ).helpGroup(SERVER_GROUP),
    );
}

/** Finds the server, and prints a notice on standard error when the choice may be unexpected. */
export function chooseServer(options: ClientOptions, context: CliContext): Connection {
  const connection = findConnection(options, context);
  if (connection.notice !== undefined) context.err.write(`${connection.notice}\n`);
  return connection;
}

export function connect(options: ClientOptions, context: CliContext): WipClient {
  return createWipClient(chooseServer(options, context));
}

export function connectOperator(options: ClientOptions, context: CliContext): OperatorClient {
  return createOperatorClient(chooseServer(options, context));
}

export function parseTaskId(text: string): number {
  const id = TaskId.safeParse(text);
  if (id.success) return id.data;
  throw new OperationalError('USAGE', {
    happened: `"${text}" is not the number of a task`,
    remedy: 'Give a whole number such as 7; "wipctl tasks" lists them',
  });
}
