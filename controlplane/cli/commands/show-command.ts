import type { Command } from 'commander';
import { formatSeconds } from '../../../shared/model/units.ts';
import type { TaskAttemptView, TaskView } from '../../api/tasks/task-views.ts';
import type { CliContext } from '../cli-context.ts';
import { clientCommand, connect, parseTaskId, type ClientOptions } from './client-command.ts';
import { writeJson } from '../cli-context.ts';
import { lossText, remedyText, usageText, wordsFor } from '../output/task-end-sentence.ts';
import { indent, oneLine, visible } from '../output/text.ts';

export function showCommand(context: CliContext): Command {
  return clientCommand('show', 'Show one task: its state, the reason, and what it used.', ['show 7', 'show 7 --json'])
    .argument('<task>', 'number of the task')
    .action(async (given: string, options: ClientOptions) => {
      const id = parseTaskId(given);
      const task = await connect(options, context).findTask(id);
      if (options.json) return writeJson(context, task);
      context.out.write(textOf(task));
    });
}

/** Whose doing the end of a task was, for people. */
const FAULT_WORDS: Readonly<Record<NonNullable<TaskView['fault']>, string>> = {
  user: 'the doing of the build',
  system: 'the doing of the system',
  capacity: 'for lack of room',
  configuration: 'the doing of the configuration',
  spot: 'because AWS took back Spot capacity',
};

export function textOf(task: TaskView): string {
  const ended = task.status === 'COMPLETE' ? ` (it ${wordsFor(task.exitStatus)})` : '';
  const fields: [string, string | null][] = [
    ['Status', `${task.status}${ended}`],
    ['Why', oneLine(task.why)],
    ...waitingFields(task.waiting),
    ['Cause', causeText(task)],
    ['Remedy', remedyText(task)],
    ...task.evidence.map((line, index): [string, string] => [index === 0 ? 'Evidence' : '', oneLine(line)]),
    ['State', task.state],
    ['Kind', `${task.kind} in the group ${oneLine(task.group)}, ${rankText(task)}`],
    ['Created', `${task.createdAt}${task.createdBy === null ? '' : ` by ${oneLine(task.createdBy)}`}`],
    ['Started', task.startedAt],
    ['Ended', endedText(task)],
    ['Built', task.builtCommit && `commit ${task.builtCommit}`],
    ['Artefact', task.artefactCommit && `commit ${task.artefactCommit}`],
    ['Used', task.usage && usageText(task.usage)],
    ['Output', task.usage && lossText(task.usage)],
    ...task.attempts.map((attempt): [string, string] => [`Container ${attempt.number}`, attemptText(attempt)]),
    ...Object.entries(task.options).map(([key, value]): [string, string] => [
      `Option ${oneLine(key)}`,
      oneLine(optionText(value)),
    ]),
    ['uuid', task.uuid],
  ];
  const shown = fields.filter((field): field is [string, string] => field[1] !== null);
  const width = Math.max(...shown.map(([label]) => label.length));
  const lines = shown.map(([label, value]) => `  ${label.padEnd(width)}  ${value}\n`).join('');
  const detail = task.exitDetail ? `  Detail\n${indent(visible(task.exitDetail.trimEnd()), '    ')}\n` : '';
  return `Task ${task.id}: ${oneLine(task.title)}\n${lines}${detail}`;
}

/** What is known of a wait beside its sentence, where people can do something. */
function waitingFields(waiting: TaskView['waiting']): [string, string | null][] {
  if (!waiting?.remedy) return [];
  const { since, last, count, until, remedy, evidence } = waiting;
  const tried = count === null || count < 2 ? '' : `, tried ${count} times, last at ${last ?? 'an unknown time'}`;
  return [
    ['Waits since', since && `${since}${tried}`],
    ['Gives up', until],
    ['To do', oneLine(remedy)],
    ...evidence.map((fact): [string, string] => ['Evidence', oneLine(fact)]),
  ];
}

function rankText({ priority, isPrioritised }: TaskView): string {
  return `priority ${priority}${isPrioritised ? ', before all others' : ''}`;
}

function endedText(task: TaskView): string | null {
  if (!task.completedAt) return null;
  if (!task.startedAt) return task.completedAt;
  const seconds = (Date.parse(task.completedAt) - Date.parse(task.startedAt)) / 1000;
  return `${task.completedAt}, ${formatSeconds(Math.max(0, seconds))} after its start`;
}

function attemptText(attempt: TaskAttemptView): string {
  const { state, address, taskArn, cause, sentence } = attempt;
  const end = cause && `${sentence === null ? '' : `${oneLine(sentence).replace(/\.$/, '')}, `}cause ${cause}`;
  return [state, address, taskArn, end].filter((part) => part).join(', ');
}

function causeText({ cause, fault }: TaskView): string | null {
  return cause === null || fault === null ? cause : `${cause}, ${FAULT_WORDS[fault]}`;
}

function optionText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
