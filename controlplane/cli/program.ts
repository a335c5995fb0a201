import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { readVersion } from '../version.ts';
import { COMMANDS } from './command-table.ts';
import { writeJson, type CliContext } from './cli-context.ts';
import { errorText } from './error-text.ts';
import { EXIT_CODE, exitCodeOf } from './exit-code.ts';
import { commandPath, usageErrorText } from './usage-error-text.ts';
import { ServerRefusal } from './client/server-refusal.ts';

const JSON_SCHEMA = '--json-schema';
const SCHEMA_HELP = 'print the JSON Schema of --json and nothing else';

const HELP_AFTER = `
Start here:
  $ wipctl dev               in one terminal
  $ wipctl run . --watch     in another, in a git repository with a build file
                             (acquia-pipelines.yaml)

Exit codes: 0 done, 1 the build or a check failed, 2 wrong usage, 3 not found,
4 refused, 69 the control plane is unavailable, 74 the output could not be
written, 124 a wait was too long, 130 stopped watching, 141 the reader of the
output has gone (wipctl logs 7 | head).
Colours are left out when NO_COLOR is set or the output is not a terminal.`;

/** Runs one command line (without node and script) and returns its exit code. Every error ends here, as two sentences on stderr. */
export async function runProgram(argv: readonly string[], context: CliContext): Promise<void> {
  const program = new Command('wipctl')
    .description('Runs builds in containers on Amazon ECS and says what became of each.')
    .version(readVersion(), '-V, --version', 'print the version')
    .addHelpText('after', HELP_AFTER)
    .commandsGroup('wipctl itself:')
    .helpCommand('help [command]', 'display help for command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      // report() writes errors in our form. Help, on request and after "no command", passes through here.
      writeErr: (text) => context.err.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => context.out.columns ?? 100,
      getErrHelpWidth: () => context.err.columns ?? 100,
    });
  try {
    await addCommands(program, argv, context);
    if (await printSchema(program, argv, context)) return;
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    context.setExitCode(report(error, { program, argv, context }));
  }
}

async function addCommands(program: Command, argv: readonly string[], context: CliContext): Promise<void> {
  const called = argv.find((word) => !word.startsWith('-'));
  const wanted = called === 'help' ? argv[argv.indexOf(called) + 1] : called;
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const isWanted = wanted !== undefined && (wanted === name || wanted === entry.alias);
    const command = isWanted ? await entry.load(context) : new Command(name);
    if (isWanted && entry.alias !== undefined) command.alias(entry.alias);
    program.addCommand(inherit(command.summary(entry.summary).helpGroup(`${entry.group}:`), program));
  }
}

/** Prints the schema of the called command's `--json` output if the command line asks for it; arguments may be missing. */
async function printSchema(program: Command, argv: readonly string[], context: CliContext): Promise<boolean> {
  if (!argv.includes(JSON_SCHEMA)) return false;
  const { JSON_SCHEMAS } = await import('./json/command-schemas.ts');
  const schema = JSON_SCHEMAS[commandPath(program, argv).join(' ')];
  if (schema) writeJson(context, z.toJSONSchema(schema, { io: 'output' }));
  return schema !== undefined;
}

/** Gives a loaded command and its subcommands the output and exit settings of the program. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  if (command.options.some(({ long }) => long === '--json')) command.option(JSON_SCHEMA, SCHEMA_HELP);
  for (const child of command.commands) inherit(child, command);
  return command;
}

interface Call {
  readonly program: Command;
  readonly argv: readonly string[];
  readonly context: CliContext;
}

/** Writes the error to stderr and returns the exit code. */
function report(error: unknown, call: Call): number {
  const { context } = call;
  if (error instanceof CommanderError) return reportUsage(error, call);
  if (error instanceof OperationalError || error instanceof ServerRefusal) {
    context.err.write(errorText(error));
    return exitCodeOf(error);
  }
  const stack = error instanceof Error && error.stack ? error.stack : messageOf(error);
  context.err.write(`wipctl: This is a bug in wipctl. Please report it with these lines. [INTERNAL]\n${stack}\n`);
  return EXIT_CODE.BUG;
}

function reportUsage(error: CommanderError, { program, argv, context }: Call): number {
  if (error.exitCode === 0) return EXIT_CODE.OK; // help or version, as requested
  if (error.code !== 'commander.help') context.err.write(usageErrorText(error, program, argv));
  return EXIT_CODE.USAGE;
}
