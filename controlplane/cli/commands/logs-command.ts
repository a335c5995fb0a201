import { Option, type Command } from 'commander';
import { lossMark } from '../../../shared/model/output-loss.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { followTask } from '../client/follow-task.ts';
import { paintFor } from '../output/text.ts';
import { logText } from '../output/log-text.ts';
import { watchTask } from '../output/watch-task.ts';

interface LogsOptions extends ClientOptions {
  readonly follow?: boolean;
  readonly stream?: 'stdout' | 'stderr';
}

export function logsCommand(context: CliContext): Command {
  return clientCommand('logs', 'Print what a task logged, or what its processes wrote.', [
    'logs 7',
    'logs 7 --stream stdout > build.txt',
    'logs 7 -f',
  ])
    .argument('<task>', 'number of the task')
    .option('-f, --follow', 'print everything from the beginning and go on to the end of the task')
    .addOption(new Option('--stream <name>', 'the bytes of one stream of its processes').choices(['stdout', 'stderr']))
    .action(async (given: string, options: LogsOptions) => {
      const id = parseTaskId(given);
      const client = connect(options, context);
      if (options.follow) return follow(client, id, options, context);
      if (options.stream) return printStream(client, id, options.stream, context);
      const logs = await client.readLogs(id);
      if (options.json) return writeJson(context, { logs });
      const paint = paintFor(context.out, context.environment);
      for (const log of logs) context.out.write(`${paint('dim', log.at)}  ${logText(log, paint)}\n`);
      const lost = (await client.findTask(id)).usage?.outputOmittedBytes ?? 0;
      if (lost > 0) context.err.write(`${lost} bytes of what its processes wrote are missing.\n`);
      if (logs.length === 0) context.err.write(`Task ${id} has logged nothing yet.\n`);
    });
}

async function printStream(
  client: WipClient,
  id: number,
  stream: 'stdout' | 'stderr',
  context: CliContext,
): Promise<void> {
  for (let offset = 0; ;) {
    const { data, nextOffset, omittedBytes } = await client.readOutput(id, stream, offset);
    context.out.write(data);
    if (data.length === 0) {
      if (omittedBytes > 0) context.err.write(`\n${omittedBytes} bytes of ${stream} were not kept.\n`);
      return;
    }
    offset = nextOffset;
  }
}

async function follow(client: WipClient, id: number, options: LogsOptions, context: CliContext): Promise<void> {
  const abort = context.onInterrupt();
  const paint = paintFor(context.out, context.environment);
  if (options.stream || options.json) await followEvents(client, id, options, abort, context);
  else await watchTask(client, id, context.out, { abort, clock: context.clock, paint });
  if (!abort.aborted) return;
  context.err.write(`\nStopped watching; task ${id} goes on unless it has ended.\n`);
  context.setExitCode(EXIT_CODE.INTERRUPTED);
}

/** Prints the bytes of one stream, or with --json one event a line. */
async function followEvents(
  client: WipClient,
  id: number,
  options: LogsOptions,
  abort: AbortSignal,
  context: CliContext,
): Promise<void> {
  for await (const event of followTask(client, id, { clock: context.clock, abort })) {
    if (options.json) context.out.write(`${JSON.stringify(event)}\n`);
    else if (event.kind === 'output' && event.output.stream === options.stream) {
      const { omittedBefore } = event.output;
      if (omittedBefore > 0) context.out.write(lossMark(omittedBefore, options.stream));
      context.out.write(Buffer.from(event.output.data, 'base64'));
    }
  }
}
