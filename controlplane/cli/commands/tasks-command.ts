import type { Command } from 'commander';
import { formatSeconds } from '../../../shared/model/units.ts';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { alignColumns, oneLine } from '../output/text.ts';

interface TasksOptions extends ClientOptions {
  readonly status?: string;
  readonly group?: string;
  readonly parent?: string;
  readonly limit: string;
}

const HEAD = ['TASK', 'STATUS', 'ENDED AS', 'GROUP', 'AGE', 'TITLE', 'WHY'];

export function tasksCommand(context: CliContext): Command {
  return clientCommand('tasks', 'List tasks, the newest first.', [
    'tasks',
    'tasks --status WAITING,PROCESSING --group BuildSteps',
    'tasks --json | jq ".tasks[].id"',
  ])
    .option(
      '--status <names>',
      'only these, separated by commas: NOT_STARTED, WAITING, PROCESSING, COMPLETE, RESTARTED, NOT_READY',
    )
    .option('--group <name>', 'only this group')
    .option('--parent <id>', 'only the children of this task')
    .option('--limit <number>', 'how many, at most 200', '20')
    .action(async (options: TasksOptions) => {
      const page = await connect(options, context).listTasks({
        limit: options.limit,
        ...(options.status !== undefined && { status: options.status.toUpperCase() }),
        ...(options.group !== undefined && { group: options.group }),
        ...(options.parent !== undefined && { parent: options.parent }),
      });
      if (options.json) return writeJson(context, page);
      if (page.tasks.length === 0) return context.out.write('There are no such tasks.\n');
      const rows = page.tasks.map((task) => row(task, context.clock.now()));
      context.out.write(alignColumns([HEAD, ...rows], context.out.columns));
      if (page.nextCursor !== null) context.err.write('There are older ones: see more with --limit.\n');
    });
}

function row(task: TaskSummary, now: Date): string[] {
  const ageSeconds = Math.max(0, now.getTime() - Date.parse(task.createdAt)) / 1000;
  const status = task.isPaused && task.status !== 'COMPLETE' ? `${task.status} (paused)` : task.status;
  const ended = task.status === 'COMPLETE' ? task.exitStatus : '-';
  return [
    String(task.id),
    status,
    ended,
    oneLine(task.group),
    formatSeconds(ageSeconds),
    oneLine(task.title),
    oneLine(task.why),
  ];
}
