import { Option, type Command } from 'commander';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { checkStepChoice, chooseFailedStep, knownSteps, readStepChoice } from '../logs/choose-step.ts';
import { followOutput, followStates } from '../logs/follow-logs.ts';
import { printOutput } from '../logs/print-output.ts';
import { printStates } from '../logs/print-states.ts';
import type { LogsRequest } from '../logs/logs-request.ts';
import type { PieceFilter } from '../logs/select-pieces.ts';
import { oneLine } from '../output/text.ts';
import { countFrom, someText } from '../given-value.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';
import { parseTime, TIME_HELP } from './parse-time.ts';

interface LogsOptions extends ClientOptions {
  readonly follow?: boolean;
  readonly states?: boolean;
  readonly stream: StreamName | 'all';
  readonly step?: string;
  readonly failed?: boolean;
  readonly since?: string;
  readonly tail?: number;
  readonly timestamps?: boolean;
  readonly plain?: boolean;
}

export function logsCommand(context: CliContext): Command {
  return clientCommand('logs', 'Print what the processes of a task wrote, in the order in which they wrote it.', [
    'logs 7',
    'logs 7 -f',
    'logs 7 --failed --plain',
    'logs 7 --step test --tail 50',
    'logs 7 --since 10m --timestamps',
    'logs 7 --states',
  ])
    .argument('<task>', 'number of the task')
    .option('-f, --follow', 'go on to the end of the task; Ctrl-C stops following, not the task')
    .addOption(
      new Option(
        '--step <name>',
        'only this step of the build: its name or number; EVENT:NAME of another event',
      ).argParser(someText),
    )
    .addOption(new Option('--failed', 'only the step at which the build failed').conflicts(['follow', 'step']))
    .option('--since <time>', `only what came since then: ${TIME_HELP}`, (text: string) =>
      parseTime(text, context.clock.now()),
    )
    .addOption(new Option('--tail <lines>', 'only the last lines').argParser(countFrom(0, 999_999_999)))
    .option('-t, --timestamps', 'begin each line with the time at which it came')
    .option('--plain', 'leave out colours and control characters')
    .addOption(
      new Option('--stream <name>', 'only what the processes wrote to this stream')
        .choices(['stdout', 'stderr', 'all'])
        .default('all'),
    )
    .addOption(
      new Option('--states', "the task's states and log instead of the output of its processes").conflicts([
        ...['step', 'failed', 'plain', 'timestamps'],
      ]),
    )
    .action(async (given: string, options: LogsOptions) => printLogs(parseTaskId(given), options, context));
}

async function printLogs(id: number, options: LogsOptions, context: CliContext): Promise<void> {
  const client = connect(options, context);
  const task = await client.findTask(id);
  const request: LogsRequest = {
    client,
    task,
    filter: { stream: options.stream, since: options.since ?? null, step: chooseStep(task, options) },
    form: { text: options.plain ? 'plain' : 'as-written', times: options.timestamps ? 'each-line' : 'none' },
    tail: options.tail ?? null,
    format: options.json ? 'json' : 'text',
  };
  if (options.states) return options.follow ? followStates(request, context) : printStates(request, context);
  if (options.failed && !task.failedStep) return printNoFailedStep(task, context);
  return options.follow ? followOutput(request, context) : printOutput(request, context);
}

function chooseStep(task: TaskView, { step, failed }: LogsOptions): PieceFilter['step'] {
  const choice = failed ? chooseFailedStep(task) : step === undefined ? null : readStepChoice(step);
  if (!choice) return null;
  if (step !== undefined) checkStepChoice(task, step, choice);
  return { choice, known: knownSteps(task) };
}

/** Prints the reason on stderr; stdout stays empty, as for any filter without a match. */
function printNoFailedStep({ id, status, why }: TaskView, context: CliContext): void {
  const text =
    status === 'COMPLETE' ? `No step of task ${id} failed: ${oneLine(why)}` : `Task ${id} has not ended yet.`;
  context.err.write(`${text}\n`);
}
