import type { Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { DefinitionFilters, type DefinitionView } from '../../api/definitions/definition-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { OperatorClient } from '../client/operator-client.ts';
import { commandGroup } from '../command-help.ts';
import type { Column } from '../output/fit-columns.ts';
import { oneLine, paintFor, visible } from '../output/text.ts';
import { writeTable } from '../output/write-table.ts';
import { someText, textFor } from '../given-value.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';

const COLUMNS: readonly Column<DefinitionView>[] = [
  { head: 'ID', cell: ({ id }) => String(id), importance: 8 },
  { head: 'FAMILY', cell: ({ family }) => oneLine(family), importance: 7, leastWidth: 20 },
  { head: 'REVISION', cell: ({ revision }) => String(revision), importance: 6 },
  { head: 'STATE', cell: ({ state }) => state, importance: 5 },
  { head: 'REGION', cell: ({ region }) => oneLine(region), importance: 1 },
  { head: 'REGISTERED', cell: ({ registeredAt }) => registeredAt.slice(0, 16), importance: 3 },
  { head: 'CONTAINERS', cell: ({ containers }) => String(containers), importance: 2 },
  { head: 'TASKS', cell: ({ tasks }) => someTasks(tasks), importance: 4, leastWidth: 8 },
];
const WHICH = 'number of the list, family:revision or ARN; a family means its newest';

export function definitionsCommand(context: CliContext): Command {
  return commandGroup('definitions', 'Look at the task definitions that were registered with ECS.', [
    listCommand(context),
    showCommand(context),
    diffCommand(context),
  ]);
}

function listCommand(context: CliContext): Command {
  return clientCommand('list', 'List what was registered, the newest first, and the tasks whose containers use it.', [
    'definitions list',
    'definitions list --family WIP_wip_default_BuildSteps_eu-central-1_builds --json',
  ])
    .option('--family <family>', 'of this family only', textFor(DefinitionFilters.shape.family))
    .action(async (options: ClientOptions & { family?: string }) => {
      const definitions = await connectOperator(options, context).listDefinitions(options.family);
      if (options.json) return writeJson(context, { definitions });
      if (definitions.length === 0) return context.out.write(`${nothingText(options.family)}\n`);
      writeTable(context, definitions, COLUMNS);
    });
}

function nothingText(family: string | undefined): string {
  return family === undefined
    ? 'Nothing has been registered yet: the first launch does it.'
    : `Nothing has been registered of the family "${oneLine(family)}". See all with "wipctl definitions list".`;
}

/** The first tasks; a definition may have thousands. */
function someTasks(tasks: readonly number[]): string {
  const some = tasks.slice(0, 5).join(', ') || '-';
  return tasks.length > 5 ? `${some}, …` : some;
}

function showCommand(context: CliContext): Command {
  return clientCommand('show', 'Show one as it was registered.', [
    'definitions show 12',
    'definitions show 12 --json | jq .definition',
  ])
    .argument('<which>', WHICH, someText)
    .action(async (which: string, options: ClientOptions) => {
      const client = connectOperator(options, context);
      const { id } = await findDefinition(client, which);
      const found = await client.readDefinition(id);
      if (options.json) return writeJson(context, found);
      const { family, revision, state, arn, tasks } = found;
      const used = tasks.length === 0 ? 'no container' : `containers of the tasks ${tasks.join(', ')}`;
      context.out.write(`${oneLine(family)}:${revision}  ${state}, used by ${used}\n${oneLine(arn)}\n`);
      context.out.write(`${visible(JSON.stringify(found.definition, null, 2))}\n`);
    });
}

function diffCommand(context: CliContext): Command {
  return clientCommand(
    'diff',
    'Show the differences between two; with one, its differences from the revision before.',
    ['definitions diff 12', 'definitions diff 9 12'],
  )
    .argument('<which>', WHICH, someText)
    .argument('[other]', 'the later one', someText)
    .action(async (which: string, other: string | undefined, options: ClientOptions) => {
      const client = connectOperator(options, context);
      const first = await findDefinition(client, which);
      const [before, after] =
        other === undefined ? [await previousOf(client, first), first] : [first, await findDefinition(client, other)];
      const diff = await client.diffDefinitions({ before: before.id, after: after.id });
      if (options.json) return writeJson(context, diff);
      const paint = paintFor(context.out, context.environment);
      const lines = diff.differences.flatMap(({ path, before: old, after: now }) => [
        paint('bold', oneLine(path)),
        ...(old === null ? [] : [paint('red', `  - ${oneLine(JSON.stringify(old))}`)]),
        ...(now === null ? [] : [paint('green', `  + ${oneLine(JSON.stringify(now))}`)]),
      ]);
      const head = `- ${oneLine(before.family)}:${before.revision}  + ${oneLine(after.family)}:${after.revision}`;
      context.out.write(`${[head, ...(lines.length === 0 ? ['They are the same.'] : lines)].join('\n')}\n`);
    });
}

async function findDefinition(client: OperatorClient, which: string): Promise<DefinitionView> {
  const all = await client.listDefinitions(undefined);
  const found = all.filter(
    ({ id, family, revision, arn }) => String(id) === which || arn === which || `${family}:${revision}` === which,
  );
  const [first, second] = found;
  if (first && second) {
    throw new OperationalError('USAGE', {
      happened: `"${oneLine(which)}" was registered in more than one account`,
      remedy: `Give the number of the list: ${found.map(({ id }) => id).join(' or ')}`,
    });
  }
  const newest = first ?? all.find(({ family }) => family === which);
  if (newest) return newest;
  throw new OperationalError('DEFINITION_UNKNOWN', {
    happened: `There is no task definition "${oneLine(which)}"`,
    remedy: 'See which there are with "wipctl definitions list"',
  });
}

async function previousOf(
  client: OperatorClient,
  { id, family, revision, arn }: DefinitionView,
): Promise<DefinitionView> {
  const ofFamily = await client.listDefinitions(family);
  // The same family in another account or region has another beginning of its ARN.
  const prefix = arn.slice(0, arn.lastIndexOf(':'));
  const earlier = ofFamily.filter((each) => each.id < id && each.arn.startsWith(`${prefix}:`));
  const [previous] = earlier.sort((a, b) => b.id - a.id);
  if (previous) return previous;
  throw new OperationalError('DEFINITION_UNKNOWN', {
    happened: `There is no revision before ${oneLine(family)}:${revision}`,
    remedy: 'Give two to compare; see them with "wipctl definitions list"',
  });
}
