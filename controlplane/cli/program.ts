import { Command, CommanderError } from 'commander';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { readVersion } from '../version.ts';
import type { CliWorld } from './cli-context.ts';
import { EXIT_CODE, exitCodeOf } from './exit-code.ts';
import { ServerRefusal } from './client/server-refusal.ts';

interface Entry {
  /** Shown by `wipctl --help`, which loads none of the commands. */
  readonly summary: string;
  readonly load: (world: CliWorld) => Promise<Command>;
}

/** Each command is loaded only when it is called: `wipctl tasks` need not wait for a database to be imported. */
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
    load: async (world) => (await import('./commands/run-build-command.ts')).runCommand(world),
  },
  tasks: {
    summary: 'list tasks',
    load: async (world) => (await import('./commands/tasks-command.ts')).tasksCommand(world),
  },
  show: {
    summary: 'show one task',
    load: async (world) => (await import('./commands/show-command.ts')).showCommand(world),
  },
  logs: {
    summary: 'print what a task logged or wrote',
    load: async (world) => (await import('./commands/logs-command.ts')).logsCommand(world),
  },
  transcript: {
    summary: "print a task's way through its states",
    load: async (world) => (await import('./commands/transcript-command.ts')).transcriptCommand(world),
  },
  terminate: {
    summary: 'end a task',
    load: async (world) => (await import('./commands/terminate-command.ts')).terminateCommand(world),
  },
  pause: {
    summary: 'keep tasks or groups from going on',
    load: async (world) => (await import('./commands/pause-command.ts')).pauseCommand(world),
  },
  resume: {
    summary: 'let paused tasks or groups go on',
    load: async (world) => (await import('./commands/resume-command.ts')).resumeCommand(world),
  },
  restart: {
    summary: 'run a finished task again',
    load: async (world) => (await import('./commands/restart-command.ts')).restartCommand(world),
  },
  encrypt: {
    summary: 'seal a value for a build file',
    load: async (world) => (await import('./commands/encrypt-command.ts')).encryptCommand(world),
  },
  groups: {
    summary: 'list groups of tasks, set their limits',
    load: async (world) => (await import('./commands/groups-command.ts')).groupsCommand(world),
  },
  maintenance: {
    summary: 'take no new tasks for a while',
    load: async (world) => (await import('./commands/maintenance-command.ts')).maintenanceCommand(world),
  },
  doctor: {
    summary: 'say what of the control plane is broken',
    load: async (world) => (await import('./commands/doctor-command.ts')).doctorCommand(world),
  },
  clusters: {
    summary: 'keep the ECS clusters that containers run on',
    load: async (world) => (await import('./commands/clusters-command.ts')).clustersCommand(world),
  },
  tokens: {
    summary: 'make and take back tokens for the API',
    load: async (world) => (await import('./commands/tokens-command.ts')).tokensCommand(world),
  },
  secrets: {
    summary: 'change the master key',
    load: async (world) => (await import('./commands/secrets-command.ts')).secretsCommand(world),
  },
  audit: {
    summary: 'say who changed what',
    load: async (world) => (await import('./commands/audit-command.ts')).auditCommand(world),
  },
  db: {
    summary: 'dump and restore the database',
    load: async (world) => (await import('./database/db-command.ts')).dbCommand(world),
  },
  ecs: {
    summary: 'confirm a restored database',
    load: async (world) => (await import('./commands/ecs-command.ts')).ecsCommand(world),
  },
  table: {
    summary: 'check, try and draw state tables',
    load: async (world) => (await import('./table/table-command.ts')).tableCommand(world),
  },
};

const HELP_AFTER = `
Start here:
  $ wipctl dev                 in one terminal
  $ wipctl run . --watch       in another, in a git repository with an acquia-pipelines.yaml

Exit codes: 0 done, 1 the build or a check failed, 2 wrong usage, 3 not found, 4 refused, 69 the control plane is unavailable,
130 stopped watching. Colours are left out when NO_COLOR is set or the output is not a terminal.`;

/** Runs one command line (without node and script); every error ends here as two sentences and an exit code. */
export async function runProgram(argv: readonly string[], world: CliWorld): Promise<void> {
  const program = new Command('wipctl')
    .description('Runs builds in containers on Amazon ECS and says what became of each.')
    .version(readVersion(), '-V, --version', 'print the version')
    .addHelpText('after', HELP_AFTER)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.out.write(text),
      // Commander's own error lines come out below, in our form; help on request and after "no command" passes.
      writeErr: (text) => world.err.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => world.out.columns ?? 100,
      getErrHelpWidth: () => world.err.columns ?? 100,
    });
  try {
    await addCommands(program, argv, world);
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    world.setExitCode(report(error, argv, world));
  }
}

async function addCommands(program: Command, argv: readonly string[], world: CliWorld): Promise<void> {
  const called = argv.find((word) => !word.startsWith('-'));
  const wanted = called === 'help' ? argv[argv.indexOf(called) + 1] : called;
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const command = name === wanted ? await entry.load(world) : new Command(name);
    program.addCommand(inherit(command.summary(entry.summary), program));
  }
}

/** Commands that were made elsewhere behave like those made here, and so do theirs. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
  return command;
}

/** Says what went wrong on the error stream and answers the exit code. */
function report(error: unknown, argv: readonly string[], world: CliWorld): number {
  if (error instanceof CommanderError) return reportUsage(error, argv, world);
  if (error instanceof OperationalError || error instanceof ServerRefusal) {
    world.err.write(`wipctl: ${error.message} [${error.code}]\n`);
    return exitCodeOf(error);
  }
  const stack = error instanceof Error && error.stack ? error.stack : messageOf(error);
  world.err.write(
    `wipctl: This is a fault of wipctl itself. Please report it with these lines. [INTERNAL]\n${stack}\n`,
  );
  return EXIT_CODE.BUG;
}

function reportUsage(error: CommanderError, argv: readonly string[], world: CliWorld): number {
  if (error.exitCode === 0) return EXIT_CODE.OK; // help or version, as asked for
  if (error.code !== 'commander.help') {
    const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
    const hint = rest.join(' ').replace(/[()]/g, '').trim();
    const command = argv[0] !== undefined && Object.hasOwn(COMMANDS, argv[0]) ? ` ${argv[0]}` : '';
    const happened = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/\.$/, '');
    world.err.write(`wipctl: ${happened}. ${hint === '' ? '' : `${hint} `}See "wipctl${command} --help". [USAGE]\n`);
  }
  return EXIT_CODE.USAGE;
}
