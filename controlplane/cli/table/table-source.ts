import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { wholeNumber } from '../../../shared/model/whole-number.ts';
import { nextTurn } from '../../../shared/time/next-turn.ts';
import { parseStateTable } from '../../statetable/parse-table.ts';
import { formatProblem, StateTableError } from '../../statetable/table-error.ts';
import type { StateTable } from '../../statetable/table.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import { SHIPPED_KINDS } from '../../tasks/kinds.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { readGivenText } from '../given-path.ts';
import { examplesText } from '../command-help.ts';
import { errorText } from '../error-text.ts';
import { EXIT_CODE, exitCodeOf } from '../exit-code.ts';
import { NO_TASK } from '../../tasks/checks/no-task.ts';
import { ModuleCode } from '../kinds/module-code.ts';
import { isModulePath, loadTaskClass } from './load-task-class.ts';

export interface TableSource {
  /** The user's name for the table; printed before each message. */
  readonly name: string;
  readonly text: string;
  readonly table: StateTable;
  /** The task class; undefined when the table was given as text. */
  readonly wip: BasicWip | undefined;
}

const STDIN = '-';
const WHAT =
  'a file with a state table, - for standard input, the name of a kind of task such as BuildSteps, or a module with ' +
  'a task class (./my-task.ts, or ./my-task.ts#MyTask when it has several)';
const MAX_WHOLE_NUMBER = 2 ** 31;

export function parseWholeNumber(text: string): number {
  const number = wholeNumber(1, MAX_WHOLE_NUMBER).safeParse(text);
  if (number.success) return number.data;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_WHOLE_NUMBER}.`);
}

/**
 * Makes a command about one table. When the table cannot be parsed, the command explains every mistake (as `problems`
 * with --json) and exits with 1.
 */
export function commandOnTable<O>(
  context: CliContext,
  { name, description, examples }: { name: string; description: string; examples: readonly string[] },
  act: (source: TableSource, options: O) => Promise<void> | void,
): Command {
  return new Command(name)
    .description(description)
    .argument('<table>', WHAT)
    .addHelpText('after', examplesText(examples))
    .action(async (given: string, options: O & { readonly json?: boolean }) => {
      const how = options.json ? 'as JSON' : 'as text';
      const work = async (code: ModuleCode | null): Promise<void> => {
        const source = await readOrExplain(given, { how, code }, context);
        if (source) await act(source, options);
      };
      await (isModulePath(given) ? withModuleCode(given, context, work) : work(null));
    });
}

/**
 * Runs a command whose table comes from a user's module. Errors and timers that the module leaves behind are reported, and delay
 * the end of this process only for a moment.
 */
async function withModuleCode(
  given: string,
  context: CliContext,
  work: (code: ModuleCode) => Promise<void>,
): Promise<void> {
  const code = new ModuleCode((error) => {
    context.err.write(errorText(error));
    context.setExitCode(exitCodeOf(error));
  });
  try {
    await code.run('reading', given, () => work(code));
    await nextTurn();
    code.check();
  } finally {
    code.close();
    context.forceExitAfterCommand(given);
  }
}

async function readOrExplain(
  given: string,
  { how, code }: { how: 'as JSON' | 'as text'; code: ModuleCode | null },
  context: CliContext,
): Promise<TableSource | undefined> {
  try {
    return await readTable(given, context, code);
  } catch (error) {
    if (!(error instanceof StateTableError)) throw error;
    if (how === 'as JSON') writeJson(context, { problems: error.problems });
    else context.err.write(error.problems.map((problem) => `${nameOf(given)}: ${formatProblem(problem)}\n`).join('\n'));
    context.setExitCode(EXIT_CODE.BUILD_FAILED);
    return undefined;
  }
}

function nameOf(given: string): string {
  return given === STDIN ? 'standard input' : given;
}

async function readTable(given: string, context: CliContext, code: ModuleCode | null): Promise<TableSource> {
  const wip = code ? await loadTaskClass(given, context.cwd, code) : shippedTask(given);
  if (wip) {
    const text = wip.getStateTable();
    return { name: given, text, table: parseStateTable(text), wip };
  }
  const text = given === STDIN ? await context.readInput() : readGivenFile(resolve(context.cwd, given), kindsText());
  return { name: nameOf(given), text, table: parseStateTable(text), wip: undefined };
}

function shippedTask(given: string): BasicWip | undefined {
  return SHIPPED_KINDS.find(({ kind }) => kind === given)?.create(NO_TASK);
}

export function readGivenFile(path: string, otherwise = ''): string {
  try {
    return readGivenText(path);
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be read: ${messageOf(cause)}`,
      remedy: `Give a file that is there${otherwise}`,
      cause,
    });
  }
}

function kindsText(): string {
  return `, or one of ${SHIPPED_KINDS.map(({ kind }) => kind).join(', ')}`;
}
