import type { Command } from 'commander';
import type { StepView } from '../../api/tasks/recording/task-recording-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';
import { oneLine } from '../output/text.ts';
import { wrapWithin } from '../output/wrap-text.ts';

/** Indentation of the continuation lines of a step that does not fit the width of the terminal. */
const INDENTATION = 4;

export function transcriptCommand(context: CliContext): Command {
  return clientCommand('transcript', 'Print the transitions of a task, one per line.', [
    'transcript 7',
    'transcript 7 --json',
  ])
    .argument('<task>', 'number of the task')
    .action(async (given: string, options: ClientOptions) => {
      const id = parseTaskId(given);
      const client = connect(options, context);
      const steps = await client.readSteps(id);
      if (options.json) return writeJson(context, { ...(await describeTask(client, id)), steps });
      const { columns } = context.out;
      for (const [index, step] of steps.entries()) {
        context.out.write(`${wrapWithin(transcriptLine(step, index), columns, INDENTATION)}\n`);
      }
      if (steps.length === 0) context.err.write(`Task ${id} has not taken a step yet.\n`);
    });
}

/** Returns the facts that a replay needs besides the steps; `exit` is null while the task has not ended. */
async function describeTask(client: WipClient, id: number): Promise<object> {
  const { kind, options, status, exitStatus, exitMessage, cause, fault, remedy, evidence } = await client.findTask(id);
  const ended = { status: exitStatus, message: exitMessage, cause, fault, remedy, evidence };
  const exit = status === 'COMPLETE' ? ended : null;
  return { kind, options, exit };
}

/** Returns `from => 'value' => to`; `[to]` means that the state was entered without running its method. */
function transcriptLine({ from, value, to, executed, note }: StepView, index: number): string {
  const target = executed ? oneLine(to) : `[${oneLine(to)}]`;
  const line = from === null ? target : `${oneLine(from)} => '${oneLine(value ?? '')}' => ${target}`;
  const notes = [...(from === null && index > 0 ? ['after a restart'] : []), ...(note === null ? [] : [oneLine(note)])];
  return notes.length === 0 ? line : `${line}  # ${notes.join('; ')}`;
}
