import { Option, type Command } from 'commander';
import { shellWord } from '../../../shared/text/shell-quote.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import type { PausesView, PauseTypeName } from '../../api/state/state-views.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { connect, connectOperator } from './client-command.ts';
import { eachTask } from './each-task.ts';
import { groupsText, targetCommand, type TargetOptions } from './pause-target.ts';
import { oneLine } from '../output/text.ts';

interface PauseOptions extends TargetOptions {
  readonly soft?: boolean;
  readonly hard?: boolean;
}

const ABOUT = {
  name: 'pause',
  description: 'Pause tasks, which then take no further step, or groups, which then start no task. Containers run on.',
  examples: ['pause 7', 'pause -t 7 8', 'pause -g BuildSteps --hard', 'pause --all'],
};

export function pauseCommand(context: CliContext): Command {
  return targetCommand<PauseOptions>(ABOUT, async (target, options) => {
    const type: PauseTypeName = options.hard ? 'hard' : 'soft';
    if (target.kind === 'tasks') return pauseTasks(target.ids, options, context);
    const names = target.kind === 'groups' ? target.names : undefined;
    const pauses = await connectOperator(options, context).pause(names, type);
    if (options.json) return writeJson(context, pauses);
    const what = names ? groupsText(names.map(oneLine)) : 'all groups';
    const meaning = type === 'hard' ? 'No task there takes another step' : softMeaning(names, pauses);
    const again = names ? `-g ${names.map(shellWord).join(' ')}` : '--all';
    context.out.write(`Paused: ${what} (${type}). ${meaning}. Undo it with "wipctl resume ${again}".\n`);
  })
    .addOption(new Option('--soft', 'groups: start no new tasks (default)').conflicts('hard'))
    .addOption(new Option('--hard', 'groups: pause tasks that were started, too'));
}

/** Explains a soft pause: started tasks go on, unless a hard pause holds them as well. */
function softMeaning(names: readonly string[] | undefined, { global, groups }: PausesView): string {
  const started = 'No task there is started';
  if (names && global === 'hard')
    return `${started}, and started tasks do not go on either, because all tasks are under a hard pause`;
  const hard = Object.entries(groups).flatMap(([group, type]) => (type === 'hard' && !names ? [oneLine(group)] : []));
  const except = hard.length === 0 ? '' : `, but for ${groupsText(hard)}, under a hard pause`;
  return `${started}; started tasks go on${except}`;
}

async function pauseTasks(ids: readonly number[], options: PauseOptions, context: CliContext): Promise<void> {
  if (options.soft || options.hard) {
    throw new OperationalError('USAGE', {
      happened: '--soft and --hard are for groups, not for single tasks',
      remedy: 'Leave them out, or name groups with -g',
    });
  }
  const client = connect(options, context);
  const act = (id: number): Promise<TaskView> => client.act(id, 'pause');
  const textOf = ({ id, isTerminating }: TaskView): string =>
    isTerminating
      ? `Task ${id} is being terminated, and ends in spite of the pause.`
      : `Task ${id} is paused. Let it go on with "wipctl resume ${id}".`;
  await eachTask(ids, { act, textOf }, options.json ? 'list' : 'none', context);
}
