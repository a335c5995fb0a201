import type { Command } from 'commander';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { connect, connectOperator } from './client-command.ts';
import { eachTask } from './each-task.ts';
import { groupsText, targetCommand, type TargetOptions } from './pause-target.ts';
import { oneLine } from '../output/text.ts';
import { gateOf } from '../../api/tasks/why/why.ts';

const ABOUT = {
  name: 'resume',
  description: 'Resume paused tasks or groups. --all ends the pause of all groups; groups paused by name stay paused.',
  examples: ['resume 7', 'resume -t 7 8', 'resume -g BuildSteps', 'resume --all'],
};

export function resumeCommand(context: CliContext): Command {
  return targetCommand<TargetOptions>(ABOUT, async (target, options) => {
    if (target.kind === 'tasks') return resumeTasks(target.ids, options, context);
    const names = target.kind === 'groups' ? target.names : undefined;
    const pauses = await connectOperator(options, context).resume(names);
    if (options.json) return writeJson(context, pauses);
    context.out.write(`Resumed: ${names ? groupsText(names.map(oneLine)) : 'all groups'}.\n`);
    const held = Object.keys(pauses.groups).map(oneLine);
    if (names && pauses.global) context.err.write('All groups are still paused: see "wipctl resume --all".\n');
    if (!names && held.length > 0) context.err.write(`Still paused by itself: ${groupsText(held)}.\n`);
  });
}

async function resumeTasks(ids: readonly number[], options: TargetOptions, context: CliContext): Promise<void> {
  const client = connect(options, context);
  const act = (id: number): Promise<TaskView> => client.act(id, 'resume');
  await eachTask(ids, { act, textOf }, options.json ? 'list' : 'none', context);
}

/** Says what still holds the task back, because the end of its own pause may not be enough. */
function textOf(task: TaskView): string {
  const isHeld = task.isPaused || gateOf(task) !== null;
  return isHeld ? `Task ${task.id} is resumed. ${oneLine(task.why)}` : `Task ${task.id} goes on.`;
}
