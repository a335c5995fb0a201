import { InvalidArgumentError, type Command } from 'commander';
import { resolve } from 'node:path';
import { OperationalError } from '../../../shared/model/error.ts';
import { Fault } from '../../../shared/model/fault.ts';
import { ExitStatusName, PriorityName, TaskStatusName, type TaskPage } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { nearestName } from '../../../shared/support/nearest-name.ts';
import { writeTasks } from '../output/task-table.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { parseTime, TIME_HELP } from './parse-time.ts';

/** Options that are filters of the API under the same name, as they were typed. */
const SAME = ['group', 'cause', 'parent', 'uuid', 'submitter', 'branch', 'commit'] as const;
/** Options with words that are known, in capitals or not. */
const WORDS = { status: TaskStatusName, exit: ExitStatusName, priority: PriorityName, fault: Fault } as const;

type Filter = (typeof SAME)[number] | keyof typeof WORDS | 'repository' | 'text' | 'since' | 'until';

interface TasksOptions extends ClientOptions, Partial<Record<Filter | 'clientJobId', string>> {
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
    .option('-n, --limit <number>', 'how many', parseLimit, 20)
    .option('--all', 'all that there are');
  addFilters(command);
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

function addFilters(command: Command): void {
  const filter = (flags: string, description: string): void => {
    command.addOption(command.createOption(flags, description).helpGroup(FILTERS));
  };
  const names = ({ options }: { readonly options: readonly string[] }): string => options.join(', ');
  filter('--status <names>', `with these statuses, separated by commas: ${names(TaskStatusName)}`);
  filter('--exit <names>', `that ended like this, separated by commas: ${names(ExitStatusName)}`);
  filter('--cause <word>', 'that ended for this cause, such as limit-disk or source');
  filter('--fault <word>', `whose end was the doing of: ${names(Fault)}`);
  filter('--group <name>', 'of this group');
  filter('--submitter <name>', 'of the holder of a token, by name');
  filter('--repository <uri>', 'that build this repository, by the address or path they were given');
  filter('--branch <name>', 'that build this branch or tag');
  filter('--commit <sha>', 'that built this commit; its first digits are enough, four at least');
  filter('--text <words>', 'with these words in their title');
  filter('--since <time>', `added since then: ${TIME_HELP}`);
  filter('--until <time>', 'added before then, in the same forms');
  filter('--priority <name>', `with this priority: ${names(PriorityName)}`);
  filter('--paused', 'that are paused by themselves');
  filter('--parent <id>', 'that this task added');
  filter('--uuid <uuid>', 'with this uuid');
  filter('--client-job-id <id>', 'with this idempotency key');
}

/** Passes on what was typed; the server says what is wrong with it. */
function queryOf(options: TasksOptions, context: CliContext): Record<string, string> {
  const now = context.clock.now();
  const given: Record<string, string | undefined> = {
    ...Object.fromEntries(SAME.map((name) => [name, options[name]])),
    ...Object.fromEntries(
      Object.entries(WORDS).map(([name, known]) => [
        name,
        apiWords(name as keyof typeof WORDS, options, known.options),
      ]),
    ),
    repository: options.repository === undefined ? undefined : repositoryOf(options.repository, context.cwd),
    q: options.text,
    since: options.since === undefined ? undefined : parseTime(options.since, now),
    until: options.until === undefined ? undefined : parseTime(options.until, now),
    paused: options.paused ? 'true' : undefined,
    client_job_id: options.clientJobId,
  };
  return Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined));
}

/** Returns the words as the API has them. Throws USAGE for one that is not known. */
function apiWords(name: keyof typeof WORDS, options: TasksOptions, known: readonly string[]): string | undefined {
  return options[name]
    ?.split(',')
    .map((given) => {
      const word = known.find((one) => one.toLowerCase() === given.trim().toLowerCase());
      if (word !== undefined) return word;
      const nearest = nearestName(given.toUpperCase(), known) ?? nearestName(given.toLowerCase(), known);
      throw new OperationalError('USAGE', {
        happened: `"${given}" is not a value of --${name}${nearest === null ? '' : `; perhaps ${nearest} is meant`}`,
        remedy: `Use one of ${known.join(', ')}`,
      });
    })
    .join(',');
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

function parseLimit(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 1 on.');
}
