import type { Command } from 'commander';
import { resolve } from 'node:path';
import { Fault } from '../../../shared/model/fault.ts';
import { ListFilters } from '../../api/tasks/task-filters.ts';
import { ExitStatusName, PriorityName, TaskStatusName, type TaskPage } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { countFrom, readTextFor, textFor, wordFor, someWordsFor } from '../given-value.ts';
import { writeTasks } from '../output/task-table.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';
import { parseTime, TIME_HELP } from './parse-time.ts';

/** Options that are filters of the API under the same name. */
const SAME = [
  ...(['status', 'exit', 'cause', 'fault', 'group', 'submitter', 'branch', 'commit', 'since', 'until'] as const),
  ...(['priority', 'parent', 'uuid'] as const),
] as const;

type Filter = (typeof SAME)[number] | 'repository' | 'text' | 'clientJobId';

interface TasksOptions extends ClientOptions, Partial<Record<Filter, string>> {
  readonly paused?: boolean;
  readonly limit: number;
  readonly all?: boolean;
}

/** The largest page that the API returns. */
const PAGE = 200;
const FILTERS = 'Which tasks:';

export function tasksCommand(context: CliContext): Command {
  const command = clientCommand('tasks', 'List tasks, the newest first.', [
    'tasks',
    'tasks --status WAITING,PROCESSING --group BuildSteps',
    'tasks --exit ERROR_SYSTEM --since 1d --all',
    'tasks --repository https://example.org/app.git --branch main',
    'tasks --json | jq ".tasks[].id"',
  ])
    .option('-n, --limit <number>', 'how many', countFrom(1, 999_999_999), 20)
    .option('--all', 'all that there are');
  addFilters(command, context);
  return command.action(async (options: TasksOptions) => {
    const page = await readTasks(connect(options, context), queryOf(options, context), options);
    if (options.json) return writeJson(context, page);
    if (page.tasks.length === 0) return context.out.write('There are no such tasks.\n');
    writeTasks(page.tasks, context);
    if (page.nextCursor !== null) {
      const hint = 'see more with --limit, or all with --all';
      const shown = page.tasks.length === 1 ? 'This is the newest' : `These are the newest ${page.tasks.length}`;
      context.err.write(`${shown}: ${hint}.\n`);
    }
  });
}

function addFilters(command: Command, { clock }: CliContext): void {
  const filter = (flags: string, description: string, read: (text: string) => string): void => {
    command.addOption(command.createOption(flags, description).helpGroup(FILTERS).argParser(read));
  };
  const { shape } = ListFilters;
  const time = (text: string): string => parseTime(text, clock.now());
  const [statuses, exits] = [TaskStatusName.options, ExitStatusName.options];
  filter(
    '--status <names>',
    `with these statuses, separated by commas: ${statuses.join(', ')}`,
    someWordsFor(statuses),
  );
  filter('--exit <names>', `that ended like this, separated by commas: ${exits.join(', ')}`, someWordsFor(exits));
  filter('--cause <word>', 'that ended for this cause, such as limit-disk or source', textFor(shape.cause));
  filter('--fault <word>', `whose end was the fault of: ${Fault.options.join(', ')}`, wordFor(Fault.options));
  filter('--group <name>', 'of this group', textFor(shape.group));
  filter('--submitter <name>', 'of the holder of a token, by name', textFor(shape.submitter));
  filter(
    '--repository <uri>',
    'that build this repository, by the address or path they were given',
    textFor(shape.repository),
  );
  filter('--branch <name>', 'that build this branch or tag', textFor(shape.branch));
  filter(
    '--commit <sha>',
    'that built this commit; its first digits are enough, four at least',
    readTextFor(shape.commit),
  );
  filter('--text <words>', 'with these words in their title', textFor(shape.q));
  filter('--since <time>', `added since then: ${TIME_HELP}`, time);
  filter('--until <time>', 'added before then, in the same forms', time);
  filter('--priority <name>', `with this priority: ${PriorityName.options.join(', ')}`, wordFor(PriorityName.options));
  command.addOption(command.createOption('--paused', 'that are paused by themselves').helpGroup(FILTERS));
  filter('--parent <id>', 'that this task added', (text) => String(parseTaskId(text)));
  filter('--uuid <uuid>', 'with this uuid', textFor(shape.uuid));
  filter('--client-job-id <id>', 'with this idempotency key', textFor(shape.client_job_id));
}

function queryOf(options: TasksOptions, { cwd }: CliContext): Record<string, string> {
  const given: Record<string, string | undefined> = {
    ...Object.fromEntries(SAME.map((name) => [name, options[name]])),
    repository: options.repository === undefined ? undefined : repositoryOf(options.repository, cwd),
    q: options.text,
    paused: options.paused ? 'true' : undefined,
    client_job_id: options.clientJobId,
  };
  return Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined));
}

/** A task that was added from here with a relative path has the whole path. */
function repositoryOf(given: string, cwd: string): string {
  return given === '.' || given === '..' || /^\.\.?\//.test(given) ? resolve(cwd, given) : given;
}

/** Reads page after page until there are enough; the answer is that of one long page. */
async function readTasks(
  client: WipClient,
  query: Record<string, string>,
  { limit, all }: Pick<TasksOptions, 'limit' | 'all'>,
): Promise<TaskPage> {
  const wanted = all ? Infinity : limit;
  const tasks: TaskPage['tasks'] = [];
  let nextCursor: string | null = null;
  do {
    const size = String(Math.min(PAGE, wanted - tasks.length));
    const page = await client.listTasks({ ...query, limit: size, ...(nextCursor !== null && { cursor: nextCursor }) });
    tasks.push(...page.tasks);
    nextCursor = page.nextCursor;
  } while (nextCursor !== null && tasks.length < wanted);
  return { tasks, nextCursor };
}
