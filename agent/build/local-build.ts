import { OperationalError } from '../../shared/model/error.ts';
import {
  BUILD_EVENTS,
  hasSteps,
  secureVariableEnvironmentName,
  type BuildEvent,
  type BuildFile,
} from '../../shared/protocol/build-export.ts';
import { quoted } from '../../shared/text/quote.ts';
import { locateBuildFile, type FoundBuildFile } from './file/find-build-file.ts';
import { createGit } from './git/git.ts';
import { DEFAULT_AUTHOR, runBuild } from './run-build.ts';
import type { RunDeps } from './run-steps.ts';

export interface LocalBuildOptions {
  /** Path of the build file, which lies in the root of the source. Without it one of the usual names in the working directory. */
  readonly file?: string | undefined;
  readonly event: BuildEvent;
  /** Names of the steps to run; all when there are none. */
  readonly steps: readonly string[];
  /** Variables that are given on the command line. They win over those of the file, and are taken as they are. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Runs the steps of a build file in the directory where it lies, and pushes nothing. */
export async function runLocalBuild(
  deps: RunDeps,
  options: LocalBuildOptions,
  privateDirectory: string,
): Promise<'succeeded' | 'failed'> {
  const { directory: workspace, name: file } = locateBuildFile(deps.cwd, options.file);
  const environment: Record<string, string | undefined> = { ...withoutOurs(deps.environment), ...options.variables };
  for (const [name, value] of Object.entries(options.variables)) {
    environment[secureVariableEnvironmentName(name)] = value;
  }
  const sourcePath = await branchOf(deps, workspace);
  const run = { workspace, file, sourcePath, event: options.event, deployPath: '', author: DEFAULT_AUTHOR };
  const adapt = async (found: FoundBuildFile): Promise<FoundBuildFile> => {
    const fileHere = adaptFile(found, options);
    for (const key of Object.keys(found.file.sshKeys)) {
      await deps.stderr(`warning: the SSH key ${quoted(key)} is sealed; git uses your own keys instead\n`);
    }
    return { ...found, file: fileHere };
  };
  return runBuild({ ...deps, environment }, run, privateDirectory, adapt);
}

/** What is meant for the tool in a container means nothing here. */
function withoutOurs(environment: RunDeps['environment']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('WIP_')));
}

function adaptFile({ file, fileName }: FoundBuildFile, options: LocalBuildOptions): BuildFile {
  const { event, steps: wanted, variables } = options;
  const steps = file.events[event]?.steps ?? [];
  const unknown = wanted.find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new OperationalError('USAGE', {
      happened: `The event "${event}" of ${fileName} has no step ${quoted(unknown)}`,
      remedy: remedyFor(file, event),
    });
  }
  const chosen = wanted.length === 0 ? steps : steps.filter(({ name }) => wanted.includes(name));
  const global = Object.fromEntries(
    // A value that is given is data, as an opened secret is.
    Object.entries(file.variables.global).map(([name, value]) => [
      name,
      Object.hasOwn(variables, name) ? { secure: 'given' } : value,
    ]),
  );
  checkSealed(file, variables);
  const events = steps.length === 0 ? file.events : { ...file.events, [event]: { steps: chosen } };
  return { ...file, variables: { global }, sshKeys: {}, events };
}

function remedyFor(file: BuildFile, event: BuildEvent): string {
  const steps = file.events[event]?.steps ?? [];
  if (steps.length > 0) return `Its steps are ${steps.map(({ name }) => quoted(name)).join(', ')}`;
  const others = BUILD_EVENTS.filter((other) => hasSteps(file, other));
  return others.length > 0
    ? `It has no steps at all; those of another event are run with --event ${others.join('|')}`
    : 'It has no steps at all, as no event of this file has';
}

function checkSealed(file: BuildFile, variables: LocalBuildOptions['variables']): void {
  const sealed = Object.entries(file.variables.global)
    .filter(([name, value]) => typeof value !== 'string' && !Object.hasOwn(variables, name))
    .map(([name]) => name);
  if (sealed.length === 0) return;
  throw new OperationalError('SECURE_VALUE_MISSING', {
    happened: `Only the control plane can open the sealed values of ${sealed.join(', ')}`,
    remedy: `Give values to build with: ${sealed.map((name) => `--env ${name}=…`).join(' ')}`,
  });
}

/** HEAD where no branch is known. A build file is tried without git too, as long as no step asks for it. */
async function branchOf(deps: RunDeps, workspace: string): Promise<string> {
  try {
    const branch = await createGit(deps)(['branch', '--show-current'], { cwd: workspace });
    return (branch.exitCode === 0 && branch.stdout.trim()) || 'HEAD';
  } catch (error) {
    if (error instanceof OperationalError && error.code === 'GIT_MISSING') return 'HEAD';
    throw error;
  }
}
