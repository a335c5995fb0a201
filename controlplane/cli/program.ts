import { Command, CommanderError } from 'commander';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { readVersion } from '../version.ts';
import type { CliContext } from './cli-context.ts';
import { EXIT_CODE, exitCodeOf } from './exit-code.ts';
import { ServerRefusal } from './client/server-refusal.ts';

interface Entry {
  /** Shown by `wipctl --help`, which loads no command. */
  readonly summary: string;
  /** Another spelling of the name, which only the help of the command itself shows. */
  readonly alias?: string;
  readonly load: (context: CliContext) => Promise<Command>;
}

/** A command is loaded when it is called, so `wipctl tasks` does not wait for a database library to load. */
const COMMANDS: Readonly<Record<string, Entry>> = {
  dev: {
    summary: 'start everything on this machine: control plane, database, containers',
    load: async () => (await import('./node/dev-command.ts')).devCommand(),
  },
  serve: {
    summary: 'start a node of the control plane',
    load: async () => (await import('./node/serve-command.ts')).serveCommand(),
  },
  run: {
    summary: 'build a branch of a git repository',
    load: async (context) => (await import('./commands/run-build-command.ts')).runBuildCommand(context),
  },
  add: {
    summary: 'add a task of any kind',
    load: async (context) => (await import('./commands/add-command.ts')).addCommand(context),
  },
  canary: {
    summary: 'show that containers can be launched',
    load: async (context) => (await import('./commands/canary-command.ts')).canaryCommand(context),
  },
  tasks: {
    summary: 'list tasks',
    load: async (context) => (await import('./commands/tasks-command.ts')).tasksCommand(context),
  },
  show: {
    summary: 'show one task',
    load: async (context) => (await import('./commands/show-command.ts')).showCommand(context),
  },
  logs: {
    summary: 'print what a task logged or wrote',
    load: async (context) => (await import('./commands/logs-command.ts')).logsCommand(context),
  },
  transcript: {
    summary: "print a task's way through its states",
    load: async (context) => (await import('./commands/transcript-command.ts')).transcriptCommand(context),
  },
  terminate: {
    summary: 'end a task',
    load: async (context) => (await import('./commands/terminate-command.ts')).terminateCommand(context),
  },
  pause: {
    summary: 'pause tasks or groups',
    load: async (context) => (await import('./commands/pause-command.ts')).pauseCommand(context),
  },
  resume: {
    summary: 'resume paused tasks or groups',
    load: async (context) => (await import('./commands/resume-command.ts')).resumeCommand(context),
  },
  prioritise: {
    summary: 'run a task before others',
    alias: 'prioritize',
    load: async (context) => (await import('./commands/prioritise-command.ts')).prioritiseCommand(context),
  },
  restart: {
    summary: 'run a finished task again',
    load: async (context) => (await import('./commands/restart-command.ts')).restartCommand(context),
  },
  encrypt: {
    summary: 'encrypt a value for a build file',
    load: async (context) => (await import('./commands/encrypt-command.ts')).encryptCommand(context),
  },
  groups: {
    summary: 'list groups of tasks, set their limits',
    load: async (context) => (await import('./commands/groups-command.ts')).groupsCommand(context),
  },
  maintenance: {
    summary: 'refuse new tasks for a while',
    load: async (context) => (await import('./commands/maintenance-command.ts')).maintenanceCommand(context),
  },
  doctor: {
    summary: 'check the control plane and say what is broken',
    load: async (context) => (await import('./commands/doctor-command.ts')).doctorCommand(context),
  },
  clusters: {
    summary: 'manage the ECS clusters that containers run on',
    load: async (context) => (await import('./commands/clusters-command.ts')).clustersCommand(context),
  },
  definitions: {
    summary: 'look at the task definitions registered with ECS',
    load: async (context) => (await import('./commands/definitions-command.ts')).definitionsCommand(context),
  },
  config: {
    summary: 'explain, check and compare settings',
    load: async (context) => (await import('./configuration/config-command.ts')).configCommand(context),
  },
  tokens: {
    summary: 'create and revoke tokens for the API',
    load: async (context) => (await import('./commands/tokens-command.ts')).tokensCommand(context),
  },
  secrets: {
    summary: 'rotate the master key',
    load: async (context) => (await import('./commands/secrets-command.ts')).secretsCommand(context),
  },
  audit: {
    summary: 'show who changed what',
    load: async (context) => (await import('./commands/audit-command.ts')).auditCommand(context),
  },
  db: {
    summary: 'dump and restore the database',
    load: async (context) => (await import('./database/db-command.ts')).dbCommand(context),
  },
  ecs: {
    summary: 'check clusters, say why ECS tasks ended, start local ECS',
    load: async (context) => (await import('./commands/ecs-command.ts')).ecsCommand(context),
  },
  build: {
    summary: 'run a build file here, without a container',
    load: async (context) => (await import('./build-file/build-command.ts')).buildCommand(context),
  },
  lint: {
    summary: 'check a build file',
    load: async (context) => (await import('./build-file/lint-build-file-command.ts')).lintBuildFileCommand(context),
  },
  table: {
    summary: 'check, simulate and draw state tables',
    load: async (context) => (await import('./table/table-command.ts')).tableCommand(context),
  },
};

const HELP_AFTER = `
Start here:
  $ wipctl dev                 in one terminal
  $ wipctl run . --watch       in another, in a git repository with an acquia-pipelines.yaml

Exit codes: 0 done, 1 the build or a check failed, 2 wrong usage, 3 not found, 4 refused, 69 the control plane is unavailable,
130 stopped watching. Colours are left out when NO_COLOR is set or the output is not a terminal.`;

/** Runs one command line (without node and script). Every error ends here, as two sentences and an exit code. */
export async function runProgram(argv: readonly string[], context: CliContext): Promise<void> {
  const program = new Command('wipctl')
    .description('Runs builds in containers on Amazon ECS and says what became of each.')
    .version(readVersion(), '-V, --version', 'print the version')
    .addHelpText('after', HELP_AFTER)
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
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    context.setExitCode(report(error, argv, context));
  }
}

async function addCommands(program: Command, argv: readonly string[], context: CliContext): Promise<void> {
  const called = argv.find((word) => !word.startsWith('-'));
  const wanted = called === 'help' ? argv[argv.indexOf(called) + 1] : called;
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const isWanted = wanted !== undefined && (wanted === name || wanted === entry.alias);
    const command = isWanted ? await entry.load(context) : new Command(name);
    if (isWanted && entry.alias !== undefined) command.alias(entry.alias);
    program.addCommand(inherit(command.summary(entry.summary), program));
  }
}

/** Gives a loaded command and its subcommands the output and exit settings of the program. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
  return command;
}

/** Writes the error to stderr and returns the exit code. */
function report(error: unknown, argv: readonly string[], context: CliContext): number {
  if (error instanceof CommanderError) return reportUsage(error, argv, context);
  if (error instanceof OperationalError || error instanceof ServerRefusal) {
    context.err.write(`wipctl: ${error.message} [${error.code}]\n`);
    return exitCodeOf(error);
  }
  const stack = error instanceof Error && error.stack ? error.stack : messageOf(error);
  context.err.write(`wipctl: This is a bug in wipctl. Please report it with these lines. [INTERNAL]\n${stack}\n`);
  return EXIT_CODE.BUG;
}

function reportUsage(error: CommanderError, argv: readonly string[], context: CliContext): number {
  if (error.exitCode === 0) return EXIT_CODE.OK; // help or version, as requested
  if (error.code !== 'commander.help') {
    const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
    const hint = rest.join(' ').replace(/[()]/g, '').trim();
    const command = argv[0] !== undefined && Object.hasOwn(COMMANDS, argv[0]) ? ` ${argv[0]}` : '';
    const happened = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/\.$/, '');
    context.err.write(`wipctl: ${happened}. ${hint === '' ? '' : `${hint} `}See "wipctl${command} --help". [USAGE]\n`);
  }
  return EXIT_CODE.USAGE;
}
