import { parseArgs } from 'node:util';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { BUILD_EVENTS, type BuildEvent } from '../../shared/protocol/build-export.ts';
import { branchName, parseAuthor } from '../../shared/protocol/git-names.ts';
import { isBuildEvent } from './build-events.ts';
import type { ExportOptions } from './export-build.ts';
import type { BuildRunOptions } from './run-build.ts';

export const BUILD_USAGE = `wip-agent build export --source-uri URI --source-path BRANCH --workspace DIR [--file NAME] [--services a,b]
    Clones a branch or tag, checks its build file and prints it as JSON.
    Exit code 0, 2 with warnings, 1 when there is no valid build file.
wip-agent build run --workspace DIR --source-path BRANCH [--event ${BUILD_EVENTS.join('|')}] [--file NAME]
    [--deploy-uri URI [--deploy-path BRANCH] [--author "NAME <EMAIL>"] [--message TEXT]]
    Runs the steps of an event (build) and, after a build, pushes the workspace.
    Exit code 0, 1 when the build failed.
Both: exit code 64 for wrong arguments, 143 when ended by a signal.

Example:
    wip-agent build export --source-uri https://example.com/app.git --source-path main --workspace /tmp/app
    wip-agent build run --source-path main --workspace /tmp/app
`;

export type BuildArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'export'; readonly options: ExportOptions }
  | { readonly kind: 'run'; readonly options: BuildRunOptions };

const TEXT = { type: 'string' } as const;
const COMMON = { workspace: TEXT, 'source-path': TEXT, file: TEXT, help: { type: 'boolean', short: 'h' } } as const;

// .invalid can never be somebody's address (RFC 2606).
const DEFAULT_AUTHOR = 'Wip <wip@wip.invalid>';

export function buildArguments(argv: readonly string[]): BuildArguments {
  const [command, ...args] = argv;
  switch (command) {
    case 'export':
      return exportArguments(args);
    case 'run':
      return runArguments(args);
    case '--help':
    case '-h':
    case 'help':
      return { kind: 'help' };
    default:
      throw usage(command === undefined ? 'build needs a command' : `build has no command "${command}"`);
  }
}

function exportArguments(args: string[]): BuildArguments {
  const values = parse(() => parseArgs({ args, options: { ...COMMON, 'source-uri': TEXT, services: TEXT } }).values);
  if (values.help) return { kind: 'help' };
  const options = {
    sourceUri: required(values['source-uri'], '--source-uri'),
    sourcePath: required(values['source-path'], '--source-path'),
    workspace: required(values.workspace, '--workspace'),
    file: values.file,
    knownServices: (values.services ?? '').split(',').filter((name) => name !== ''),
  };
  return { kind: 'export', options };
}

function runArguments(args: string[]): BuildArguments {
  const options = { ...COMMON, event: TEXT, 'deploy-uri': TEXT, 'deploy-path': TEXT, author: TEXT, message: TEXT };
  const values = parse(() => parseArgs({ args, options }).values);
  if (values.help) return { kind: 'help' };
  const sourcePath = required(values['source-path'], '--source-path');
  return {
    kind: 'run',
    options: {
      event: buildEvent(values.event ?? 'build'),
      workspace: required(values.workspace, '--workspace'),
      sourcePath,
      file: values.file,
      deployUri: values['deploy-uri'],
      deployPath: deployBranch(values['deploy-path'] ?? `pipelines-build-${sourcePath}`),
      author: author(values.author ?? DEFAULT_AUTHOR),
      message: values.message,
    },
  };
}

function parse<Values>(read: () => Values): Values {
  try {
    return read();
  } catch (cause) {
    throw usage(messageOf(cause).replace(/\.?\s*$/, ''));
  }
}

function required(value: string | undefined, name: string): string {
  if (value) return value;
  throw usage(`${name} is missing`);
}

function buildEvent(name: string): BuildEvent {
  if (isBuildEvent(name)) return name;
  throw usage(`"${name}" is not an event; there are ${BUILD_EVENTS.join(', ')}`);
}

function deployBranch(path: string): string {
  const name = branchName(path);
  if (name === null) throw usage(`--deploy-path "${path}" is not a name of a branch`);
  return name;
}

function author(text: string): { name: string; email: string } {
  const parsed = parseAuthor(text);
  if (parsed === null) throw usage(`--author "${text}" is not "NAME <EMAIL>"`);
  return parsed;
}

function usage(happened: string): OperationalError {
  return new OperationalError('USAGE', { happened, remedy: 'See "wip-agent build --help"' });
}
