import type { Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import { Name } from '../../../shared/model/identifier.ts';
import { ClusterName } from '../../api/clusters/cluster-name.ts';
import { GroupBody } from '../../api/groups/group-body.ts';
import type { GroupView } from '../../api/groups/group-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { namesFor, numberFor, textFor } from '../given-value.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import type { GroupLimits } from '../client/operator-client.ts';
import type { Column } from '../output/fit-columns.ts';
import { oneLine } from '../output/text.ts';
import { writeTable } from '../output/write-table.ts';

interface GroupsOptions extends ClientOptions {
  readonly max?: number;
  readonly retentionDays?: number;
  readonly clusters?: string[];
  readonly remove?: boolean;
}

const COLUMNS: readonly Column<GroupView>[] = [
  { head: 'GROUP', cell: ({ name }) => oneLine(name), importance: 6, leastWidth: 16 },
  { head: 'RUNNING', cell: runningText, importance: 5 },
  { head: 'QUEUED', cell: ({ queued }) => String(queued), importance: 4 },
  { head: 'PAUSE', cell: ({ pause }) => pause ?? '-', importance: 3 },
  { head: 'KEEPS ENDED TASKS', cell: ({ retentionDays }) => daysText(retentionDays), importance: 1 },
  {
    head: 'CLUSTERS',
    cell: ({ clusters }) => oneLine(clusters.join(',')) || 'the active one',
    importance: 2,
    leastWidth: 14,
  },
];

export function groupsCommand(context: CliContext): Command {
  const { shape } = GroupBody;
  return clientCommand('groups', 'List the groups of tasks and how many run and wait, or set the limits of one.', [
    'groups',
    'groups BuildSteps --max 20',
    'groups BuildSteps --retention-days 14',
    'groups BuildSteps --clusters spot,on-demand',
    'groups trials --remove',
    'groups --json | jq ".groups[] | select(.queued > 0)"',
  ])
    .argument('[name]', 'only this group; a limit creates it when it does not exist', textFor(Name))
    .option('--max <number>', 'how many of its tasks may run at once; 0 starts none', numberFor(shape.maxRunning))
    .option('--retention-days <number>', 'for how many days its ended tasks are kept', numberFor(shape.retentionDays))
    .option(
      '--clusters <names>',
      'clusters of its tasks, in the order in which they are tried; an empty text: the active one',
      namesFor(ClusterName),
    )
    .option('--remove', 'remove the group, which no task may be in; the next task of it makes it anew')
    .action(async (name: string | undefined, options: GroupsOptions) => {
      const limits = limitsOf(options);
      if (name === undefined && (limits || options.remove)) throw groupMissing();
      if (limits && options.remove) throw removedAndLimited();
      if (name !== undefined && options.remove) return removeNamed(name, options, context);
      const client = connectOperator(options, context);
      if (name === undefined) return writeGroups(await client.listGroups(), options, context);
      const group = limits ? await client.setGroup(name, limits) : await client.findGroup(name);
      if (options.json) writeJson(context, group);
      else writeTable(context, [group], COLUMNS);
    });
}

async function removeNamed(name: string, options: GroupsOptions, context: CliContext): Promise<void> {
  await connectOperator(options, context).removeGroup(name);
  if (options.json) writeJson(context, { deleted: name });
  else context.out.write(`The group "${oneLine(name)}" was removed.\n`);
}

/** A group that starts no tasks has no "0 of 0". */
function runningText({ running, maxRunning }: GroupView): string {
  if (maxRunning > 0) return `${running} of ${maxRunning}`;
  return running === 0 ? 'none may run' : `${running}, no more may start`;
}

function limitsOf({ max, retentionDays, clusters }: GroupsOptions): GroupLimits | undefined {
  if (max === undefined && retentionDays === undefined && clusters === undefined) return undefined;
  return {
    ...(max !== undefined && { maxRunning: max }),
    ...(retentionDays !== undefined && { retentionDays }),
    ...(clusters !== undefined && { clusters }),
  };
}

function writeGroups(groups: readonly GroupView[], options: GroupsOptions, context: CliContext): void {
  if (options.json) return writeJson(context, { groups });
  if (groups.length === 0) return context.out.write('There are no groups yet: the first task of one makes it.\n');
  writeTable(context, groups, COLUMNS);
}

function daysText(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

function groupMissing(): OperationalError {
  return new OperationalError('USAGE', {
    happened: 'A limit or --remove was given without a group',
    remedy: 'Name the group, as in "wipctl groups BuildSteps --max 20"',
  });
}

function removedAndLimited(): OperationalError {
  return new OperationalError('USAGE', {
    happened: '--remove was given with limits',
    remedy: 'Leave one of them out',
  });
}
