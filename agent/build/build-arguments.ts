import { parseArgs } from 'node:util';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import { BUILD_EVENTS, type BuildEvent } from '../../shared/protocol/build-export.ts';
import { EnvironmentName } from '../../shared/protocol/overrides.ts';
import { CommitName } from '../../shared/model/commit-name.ts';
import { branchName, parseAuthor } from '../../shared/protocol/git-names.ts';
import { quoted } from '../../shared/text/quote.ts';
import { isBuildEvent } from './build-events.ts';
import type { ExportOptions } from './file/export-build.ts';
import type { BuildLintOptions } from './file/lint-build-file.ts';
import type { LocalBuildOptions } from './local-build.ts';
import { DEFAULT_AUTHOR, type BuildRunOptions } from './run-build.ts';

export const BUILD_USAGE = `wip-agent build export --source-uri URI --source-path BRANCH [--source-commit COMMIT] --workspace DIR
    [--file NAME] [--services a,b]
    Clones a branch or tag, or one commit of it, checks its build file and prints it as JSON.
    Exit code 0, 2 with warnings, 1 when there is no valid build file.
wip-agent build run --workspace DIR --source-path BRANCH [--event ${BUILD_EVENTS.join('|')}] [--file NAME]
    [--deploy-uri URI [--deploy-path BRANCH] [--author "NAME <EMAIL>"] [--message TEXT]]
    Runs the steps of an event (build) and, after a build, pushes the workspace.
    Exit code 0, 1 when the build failed.
wip-agent build local [FILE] [--event EVENT] [--step NAME]... [--env NAME=VALUE]... [--until-input-ends]
    Runs the steps of a build file in the directory where it lies, without a clone and without a push.
    With --until-input-ends the end of standard input ends it, as a signal does: a pipe ends with its writer.
wip-agent build lint [FILE] [--services a,b] [--json]
    Checks a build file. Exit code 0, also with warnings, 1 when it is not valid.
All: exit code 64 for wrong arguments, 143 when ended by a signal.

Example:
    wip-agent build export --source-uri https://example.com/app.git --source-path main --workspace /tmp/app
    wip-agent build run --source-path main --workspace /tmp/app
`;

export type BuildArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'export'; readonly options: ExportOptions }
  | { readonly kind: 'run'; readonly options: BuildRunOptions }
  | { readonly kind: 'local'; readonly options: LocalBuildOptions; readonly endsWithInput: boolean }
  | {
      readonly kind: 'lint';
      readonly options: BuildLintOptions;
    };

const TEXT = { type: 'string' } as const;
const COMMON = { workspace: TEXT, 'source-path': TEXT, file: TEXT, help: { type: 'boolean', short: 'h' } } as const;

const EXPORT_ONLY = { 'source-uri': TEXT, 'source-commit': TEXT, services: TEXT } as const;

export function buildArguments(argv: readonly string[]): BuildArguments {
  const [command, ...args] = argv;
  switch (command) {
    case 'export':
      return exportArguments(args);
    case 'run':
      return runArguments(args);
    case 'local':
      return localArguments(args);
    case 'lint':
      return lintArguments(args);
    case '--help':
    case '-h':
    case 'help':
      return { kind: 'help' };
    default:
      throw usage(command === undefined ? 'build needs a command' : `build has no command "${command}"`);
  }
}

function exportArguments(args: string[]): BuildArguments {
  const values = parse(() => parseArgs({ args, options: { ...COMMON, ...EXPORT_ONLY } }).values);
  if (values.help) return { kind: 'help' };
  const options = {
    sourceUri: required(values['source-uri'], '--source-uri'),
    sourcePath: required(values['source-path'], '--source-path'),
    sourceCommit: commitOf(values['source-commit']),
    workspace: required(values.workspace, '--workspace'),
    file: values.file,
    knownServices: listOf(values.services),
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
      author: values.author === undefined ? DEFAULT_AUTHOR : author(values.author),
      message: values.message,
    },
  };
}

function localArguments(args: string[]): BuildArguments {
  const many = { type: 'string', multiple: true } as const;
  const options = {
    event: TEXT,
    step: many,
    env: many,
    'until-input-ends': { type: 'boolean' },
    help: COMMON.help,
  } as const;
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true }));
  if (values.help) return { kind: 'help' };
  const variables = Object.fromEntries((values.env ?? []).map(variable));
  const file = onlyFile(positionals);
  return {
    kind: 'local',
    endsWithInput: values['until-input-ends'] ?? false,
    options: { file, event: buildEvent(values.event ?? 'build'), steps: values.step ?? [], variables },
  };
}

function lintArguments(args: string[]): BuildArguments {
  const options = { services: TEXT, json: { type: 'boolean' }, help: COMMON.help } as const;
  const { values, positionals } = parse(() => parseArgs({ args, options, allowPositionals: true }));
  if (values.help) return { kind: 'help' };
  const format = values.json ? 'json' : 'text';
  return { kind: 'lint', options: { file: onlyFile(positionals), knownServices: listOf(values.services), format } };
}

function onlyFile([file, ...others]: readonly string[]): string | undefined {
  if (others.length > 0) throw usage(`One build file can be named, and not ${others.length + 1}`);
  return file;
}

/** Whether the text before "=" was meant as a name: base64 has its "=" at its end, and other characters. */
function isNearName(name: string, at: number): boolean {
  return at >= 0 && /^[\w.-]{0,64}$/.test(name);
}

/** Repeats the name only: the value may be a secret, and so may a text without "=" that is not a name. */
function variable(text: string): [string, string] {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const isName = EnvironmentName.safeParse(name).success;
  if (isName && at >= 0 && !name.startsWith('WIP_')) return [name, text.slice(at + 1)];
  const shown = isName || isNearName(name, at) ? ` ${quoted(name)}` : '';
  throw usage(`--env${shown} is not NAME=VALUE with a name of a variable that does not begin with WIP_`);
}

function commitOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const commit = CommitName.safeParse(name);
  if (commit.success) return commit.data;
  throw usage(`--source-commit "${name}" is not the full name of a commit, which has 40 or 64 hexadecimal digits`);
}

function listOf(names: string | undefined): string[] {
  return (names ?? '').split(',').filter((name) => name !== '');
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
  return new OperationalError('USAGE', { happened, remedy: 'Add --help to see how the command is written' });
}
