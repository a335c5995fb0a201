import path from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import {
  DescribedFailure,
  DescribedTask,
  explainDescribedFailure,
  explainDescribedTask,
  type Explanation,
} from '../../containers/causes/explain-described.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { readGivenText } from '../given-path.ts';
import { examplesText } from '../command-help.ts';
import { oneLine } from '../output/text.ts';

const Answer = z.looseObject({
  tasks: z.array(DescribedTask).nullish(),
  failures: z.array(DescribedFailure).nullish(),
});

/** One explained entry of the input, and how it is named there. */
interface Explained {
  readonly name: string;
  readonly explanation: Explanation;
}

export function explainCommand(context: CliContext): Command {
  return new Command('explain')
    .description(
      'Say why ECS tasks ended, from the answer of DescribeTasks or RunTask: one task, an array of them, or the whole answer. ' +
        'No control plane is asked.',
    )
    .argument('[file]', 'the JSON (default: standard input)')
    .option('--json', 'print JSON for programs: an object for one task, an array for several')
    .addHelpText(
      'after',
      examplesText([
        'ecs explain stopped.json',
        'ecs explain --json < stopped.json | jq .cause',
        'AWS_PAGER= aws ecs describe-tasks --cluster builds --tasks ID | wipctl ecs explain',
      ]),
    )
    .action(async (file: string | undefined, options: { json?: boolean }) => {
      const input = parseInput(await readGiven(context, file), file ?? 'standard input');
      const explained = Array.isArray(input) ? input : [input];
      if (options.json) {
        const explanations = explained.map(({ explanation }) => explanation);
        return writeJson(context, Array.isArray(input) ? explanations : explanations[0]);
      }
      context.out.write(explained.length === 0 ? 'There is no task in it.\n' : explained.map(textOf).join('\n'));
    });
}

async function readGiven(context: CliContext, file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') return context.readInput();
  try {
    return readGivenText(path.resolve(context.cwd, file));
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${file} cannot be read: ${messageOf(cause)}`,
      remedy: 'Give a file with the answer of DescribeTasks',
      cause,
    });
  }
}

/** Returns one entry for a single task, and a list for an array or a whole answer. */
function parseInput(text: string, from: string): Explained | readonly Explained[] {
  const given = parseJson(text, from);
  if (Array.isArray(given)) return given.map((task, index) => explained(check(DescribedTask, task, from), index));
  if (typeof given === 'object' && given !== null && ('tasks' in given || 'failures' in given)) {
    const { tasks, failures } = check(Answer, given, from);
    return [
      ...(tasks ?? []).map(explained),
      ...(failures ?? []).map((failure) => ({
        name: failure.arn || 'failure',
        explanation: explainDescribedFailure(failure),
      })),
    ];
  }
  return explained(check(DescribedTask, given, from), 0);
}

function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = text.trim() === '' ? 'empty' : `no JSON: ${messageOf(cause)}`;
    throw new OperationalError('USAGE', {
      happened: `The input (${from}) is ${what}`,
      remedy: 'Give the answer of "aws ecs describe-tasks --output json"',
      cause,
    });
  }
}

function check<T>(schema: z.ZodType<T>, given: unknown, from: string): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path: at, message }) => `${at.join('.') || 'it'}: ${message}`);
  throw new OperationalError('USAGE', {
    happened: `The input (${from}) is no task as ECS describes it: ${issues.join('; ')}`,
    remedy: 'Give the answer of "aws ecs describe-tasks --output json", or tasks out of it',
    cause: parsed.error,
  });
}

function explained(task: DescribedTask, index: number): Explained {
  return { name: task.taskArn || `task ${index + 1}`, explanation: explainDescribedTask(task) };
}

function textOf({ name, explanation }: Explained): string {
  const { cause, fault, retry, sentence, remedy, evidence } = explanation;
  const lines = [
    `  ${oneLine(sentence)}.`,
    `  ${oneLine(remedy)}.`,
    ...(cause === null ? [] : [`  Cause ${cause}, fault ${fault ?? '-'}, retry ${retry ?? '-'}`]),
    ...evidence.map((line) => `  - ${oneLine(line)}`),
  ];
  return `${oneLine(name)}\n${lines.join('\n')}\n`;
}
