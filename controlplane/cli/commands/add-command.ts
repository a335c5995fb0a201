import type { Command } from 'commander';
import type { Priority } from '../../../shared/model/status.ts';
import { SubmitSchema, type SubmitBody } from '../../api/tasks/submit/submit-body.ts';
import { PriorityName } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { textFor, wordFor } from '../given-value.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { reportAddedTask, withWatchOptions, type ReportOptions } from './report-added-task.ts';
import { readOptionPairs, readOptionsArgument } from './task-options.ts';

interface AddOptions extends ClientOptions, ReportOptions {
  readonly options?: string;
  readonly option: readonly string[];
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
  readonly clientJobId?: string;
}

export function addCommand(context: CliContext): Command {
  const { shape } = SubmitSchema;
  const command = clientCommand(
    'add',
    'Add a task of any kind that the control plane has, also of your own (serve --kinds).',
    [
      'add RestoreCheck --option dump=backups/monday.sql.gz --watch',
      `add RestoreCheck --options '{"dump": "backups/monday.sql.gz", "rows": 3}'`,
      'add BuildSteps --options @build.json --option vcsPath=main --priority HIGH',
    ],
  )
    .argument(
      '<kind>',
      'the kind of task, such as BuildSteps; a wrong one is answered with those there are',
      textFor(shape.kind),
    )
    .option('--options <json>', 'its options as a JSON object, or @FILE with one')
    .option(
      '-o, --option <name=value>',
      'one option, over those of --options; may be repeated. 3, true or ["a"] count as JSON, \'"3"\' is text',
      (pair: string, earlier: readonly string[]) => [...earlier, pair],
      [] as readonly string[],
    )
    .option('--title <text>', 'what people see instead of the title that the kind gives it', textFor(shape.title))
    .option(
      '--group <name>',
      'the group whose limit it counts for (default: that of its kind; only an operator may name one that there is not)',
      textFor(shape.group),
    )
    .option(
      '--priority <name>',
      `${PriorityName.options.join(', ')} (default: that of its kind; only an operator may give an earlier one)`,
      wordFor(PriorityName.options),
    )
    .option(
      '--client-job-id <id>',
      'idempotency key: the same id names the same task, so nothing is added twice',
      textFor(shape.clientJobId),
    );
  return withWatchOptions(command, 'task').action(async (kind: string, options: AddOptions) => {
    const body = readBody(kind, options, context);
    const client = connect(options, context);
    await reportAddedTask(client, await client.addTask(body), options, context);
  });
}

function readBody(kind: string, options: AddOptions, context: CliContext): SubmitBody {
  const base = options.options === undefined ? {} : readOptionsArgument(options.options, context.cwd);
  return {
    kind,
    options: { ...base, ...readOptionPairs(options.option) },
    ...(options.title !== undefined && { title: options.title }),
    ...(options.group !== undefined && { group: options.group }),
    ...(options.priority !== undefined && { priority: options.priority }),
    ...(options.clientJobId !== undefined && { clientJobId: options.clientJobId }),
  };
}
