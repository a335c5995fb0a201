import { Command } from 'commander';
import { readVersion } from '../version.ts';
import type { CliContext } from './cli-context.ts';

interface Entry {
  /** Heading above it in `wipctl --help`. */
  readonly group: string;
  /** Shown by `wipctl --help`, which loads no command. */
  readonly summary: string;
  /** Another spelling of the name, which only the help of the command itself shows. */
  readonly alias?: string;
  readonly load: (context: CliContext) => Promise<Command>;
}

/** A command is loaded when it is called, so `wipctl tasks` does not wait for a database library to load. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  dev: {
    group: 'Systems',
    summary: 'start all on this machine: control plane, database, containers',
    load: async () => (await import('./node/dev-command.ts')).devCommand(),
  },
  serve: {
    group: 'Systems',
    summary: 'start a node of the control plane',
    load: async () => (await import('./node/serve-command.ts')).serveCommand(),
  },
  run: {
    group: 'Tasks',
    summary: 'build a branch of a git repository',
    load: async (context) => (await import('./commands/run-build-command.ts')).runBuildCommand(context),
  },
  add: {
    group: 'Tasks',
    summary: 'add a task of any kind',
    load: async (context) => (await import('./commands/add-command.ts')).addCommand(context),
  },
  canary: {
    group: 'Tasks',
    summary: 'show that containers can be launched',
    load: async (context) => (await import('./commands/canary-command.ts')).canaryCommand(context),
  },
  tasks: {
    group: 'Tasks',
    summary: 'list tasks',
    load: async (context) => (await import('./commands/tasks-command.ts')).tasksCommand(context),
  },
  show: {
    group: 'Tasks',
    summary: 'show one task',
    load: async (context) => (await import('./commands/show-command.ts')).showCommand(context),
  },
  logs: {
    group: 'Tasks',
    summary: 'print what a task logged or wrote',
    load: async (context) => (await import('./commands/logs-command.ts')).logsCommand(context),
  },
  transcript: {
    group: 'Tasks',
    summary: "print a task's way through its states",
    load: async (context) => (await import('./commands/transcript-command.ts')).transcriptCommand(context),
  },
  terminate: {
    group: 'Tasks',
    summary: 'end tasks',
    load: async (context) => (await import('./commands/terminate-command.ts')).terminateCommand(context),
  },
  wait: {
    group: 'Tasks',
    summary: 'wait until tasks have ended',
    load: async (context) => (await import('./commands/wait-command.ts')).waitCommand(context),
  },
  open: {
    group: 'Tasks',
    summary: 'open a task in the dashboard',
    load: async (context) => (await import('./commands/open-command.ts')).openCommand(context),
  },
  ssh: {
    group: 'Tasks',
    summary: 'open a shell in the container of a task',
    load: async (context) => (await import('./commands/container-shell-command.ts')).containerShellCommand(context),
  },
  pause: {
    group: 'Tasks',
    summary: 'pause tasks or groups',
    load: async (context) => (await import('./commands/pause-command.ts')).pauseCommand(context),
  },
  resume: {
    group: 'Tasks',
    summary: 'resume paused tasks or groups',
    load: async (context) => (await import('./commands/resume-command.ts')).resumeCommand(context),
  },
  prioritise: {
    group: 'Tasks',
    summary: 'run tasks before others',
    alias: 'prioritize',
    load: async (context) => (await import('./commands/prioritise-command.ts')).prioritiseCommand(context),
  },
  restart: {
    group: 'Tasks',
    summary: 'run finished tasks again',
    load: async (context) => (await import('./commands/restart-command.ts')).restartCommand(context),
  },
  groups: {
    group: 'Operation',
    summary: 'list groups of tasks, set their limits',
    load: async (context) => (await import('./commands/groups-command.ts')).groupsCommand(context),
  },
  maintenance: {
    group: 'Operation',
    summary: 'refuse new tasks for a while',
    load: async (context) => (await import('./commands/maintenance-command.ts')).maintenanceCommand(context),
  },
  doctor: {
    group: 'Operation',
    summary: 'check the control plane and say what is broken',
    load: async (context) => (await import('./commands/doctor-command.ts')).doctorCommand(context),
  },
  check: {
    group: 'Operation',
    summary: 'check a whole installation: server, node, clusters, containers',
    load: async (context) => (await import('./commands/check-command.ts')).checkCommand(context),
  },
  clusters: {
    group: 'Operation',
    summary: 'manage the ECS clusters that containers run on',
    load: async (context) => (await import('./commands/clusters-command.ts')).clustersCommand(context),
  },
  definitions: {
    group: 'Operation',
    summary: 'look at the task definitions registered with ECS',
    load: async (context) => (await import('./commands/definitions-command.ts')).definitionsCommand(context),
  },
  config: {
    group: 'Operation',
    summary: 'explain, check and compare settings',
    load: async (context) => (await import('./configuration/config-command.ts')).configCommand(context),
  },
  tokens: {
    group: 'Operation',
    summary: 'create and revoke tokens for the API',
    load: async (context) => (await import('./commands/tokens-command.ts')).tokensCommand(context),
  },
  secrets: {
    group: 'Operation',
    summary: 'rotate the master key',
    load: async (context) => (await import('./commands/secrets-command.ts')).secretsCommand(context),
  },
  audit: {
    group: 'Operation',
    summary: 'show who changed what',
    load: async (context) => (await import('./commands/audit-command.ts')).auditCommand(context),
  },
  db: {
    group: 'Operation',
    summary: 'dump and restore the database',
    load: async (context) => (await import('./database/db-command.ts')).dbCommand(context),
  },
  ecs: {
    group: 'Operation',
    summary: 'check clusters, say why ECS tasks ended, start local ECS',
    load: async (context) => (await import('./commands/ecs-command.ts')).ecsCommand(context),
  },
  encrypt: {
    group: 'Build files',
    summary: 'encrypt a value for a build file',
    load: async (context) => (await import('./commands/encrypt-command.ts')).encryptCommand(context),
  },
  build: {
    group: 'Build files',
    summary: 'run a build file here, without a container',
    load: async (context) => (await import('./build-file/build-command.ts')).buildCommand(context),
  },
  lint: {
    group: 'Build files',
    summary: 'check a build file',
    load: async (context) => (await import('./build-file/lint-build-file-command.ts')).lintBuildFileCommand(context),
  },
  table: {
    group: 'Task kinds',
    summary: 'check, simulate and draw state tables',
    load: async (context) => (await import('./table/table-command.ts')).tableCommand(context),
  },
  context: {
    group: 'wipctl itself',
    summary: 'keep the addresses of several control planes',
    load: async (context) => (await import('./commands/context-command.ts')).contextCommand(context),
  },
  version: {
    group: 'wipctl itself',
    summary: 'show the versions of wipctl and of the control plane',
    load: async (context) => (await import('./commands/version-command.ts')).versionCommand(context),
  },
  completion: {
    group: 'wipctl itself',
    summary: 'print a script that completes wipctl in a shell',
    load: async (context) =>
      (await import('./completion/completion-command.ts')).completionCommand(context, () => loadCommands(context)),
  },
};

/** Loads every command, for the scripts that complete them. */
export async function loadCommands(context: CliContext): Promise<Command> {
  const program = new Command('wipctl').version(readVersion(), '-V, --version', 'print the version');
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const isSelf = name === 'completion';
    program.addCommand((isSelf ? new Command(name) : await entry.load(context)).summary(entry.summary));
  }
  return program;
}
