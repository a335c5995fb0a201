import { ClientJobId } from '../../../shared/model/identifier.ts';
import { isLoopbackUrl } from '../../../shared/http/loopback.ts';
import { resolve } from 'node:path';
import type { ZodType } from 'zod';
import { InvalidArgumentError, type Command } from 'commander';
import type { SubmitBody } from '../../api/tasks/submit/submit-body.ts';
import { sizeOf } from '../../containers/rules/task-size.ts';
import { ORDERED_EVENTS, VcsPath } from '../../tasks/build/build-steps-options.ts';
import { CONTAINER_OPTION_FIELDS } from '../../tasks/container/container-wip-options.ts';
import { ENV_HELP, readBuildVariables } from './build-variables.ts';
import { chooseBranch } from '../repository/choose-branch.ts';
import type { CliContext } from '../cli-context.ts';
import { statGivenPath } from '../given-path.ts';
import type { WipClient } from '../client/wip-client.ts';
import { numberFor, someText, textFor, wordFor } from '../given-value.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { checkCommittedFile, type CheckOutcome } from '../build-file/check-committed-file.ts';
import { findRepository, type LocalRepository } from '../repository/find-repository.ts';
import { oneLine } from '../output/text.ts';
import { reportAddedTask, withWatchOptions, type ReportOptions } from './report-added-task.ts';
import { readOptionsFile } from './task-options.ts';

/** The default branch for a URL. The repository behind it is not asked before the build. */
const DEFAULT_BRANCH = 'main';

interface RunBuildOptions extends ClientOptions, ReportOptions {
  readonly branch?: string;
  readonly event?: string;
  readonly deployUri?: string;
  readonly deployPath?: string;
  readonly env: readonly string[];
  readonly clientJobId?: string;
  readonly cpu?: number;
  readonly memory?: number;
  readonly storage?: number;
  /** False with --no-lint. */
  readonly lint: boolean;
}

export function runBuildCommand(context: CliContext): Command {
  const fields = CONTAINER_OPTION_FIELDS;
  const command = clientCommand('run', 'Build a branch of a git repository in a container.', [
    'run . --watch',
    'run https://example.org/app.git --branch main --deploy-uri git@example.org:app-artefacts.git --watch',
    'run build.json --env DEPLOY=no --env TOKEN --watch',
  ])
    .argument('<repo|file>', 'a git repository (path or URL), or a .json file with the options of a BuildSteps task')
    .option(
      '-b, --branch <name>',
      'branch or tag to build (default: the one checked out in a local repository; main of a URL)',
      textFor(VcsPath),
    )
    .option(
      '--event <name>',
      `event of the build file whose steps are run (default: build): ${ORDERED_EVENTS.join(', ')}`,
      wordFor(ORDERED_EVENTS),
    )
    .option('--deploy-uri <uri>', 'repository that the artefact is pushed to after the event build', someText)
    .option('--deploy-path <ref>', 'branch of that repository (default: pipelines-build-<branch>)', textFor(VcsPath))
    .option('-e, --env <name[=value]>', ENV_HELP, addTo, [])
    .option(
      '--cpu <units>',
      'cpu of its container: 1024, or "1 vCPU" (default: the task definition)',
      sizeFor(fields.containerCpu),
    )
    .option(
      '--memory <MiB>',
      'memory of its container: 4096, or "4 GB" (default: the task definition)',
      sizeFor(fields.containerMemory),
    )
    .option(
      '--storage <GiB>',
      'disk of its container on Fargate, 21 to 200 (default: the task definition)',
      sizeFor(fields.containerStorage),
    )
    .option(
      '--client-job-id <id>',
      'idempotency key: the same id names the same task, so nothing is built twice',
      textFor(ClientJobId),
    )
    .option('--no-lint', 'add the task even if the build file of a repository on this machine has mistakes');
  return withWatchOptions(command, 'build').action(async (given: string, options: RunBuildOptions) => {
    const order = readOrder(given, options, context);
    const client = connect(options, context);
    if (options.lint && (await checkBuildFile(order, context)) === 'interrupted') return;
    const task = await client.addTask(order.body);
    announce(order, client, options, context);
    await reportAddedTask(client, task, options, context);
  });
}

interface Order {
  readonly body: SubmitBody;
  /** The branch and repository, for the screen; null when the options come from a file. */
  readonly building: string | null;
  readonly warnings: readonly string[];
  /** The repository and commit when the repository is on this machine. */
  readonly local: { readonly repository: LocalRepository; readonly commit: string } | null;
}

type Source = Omit<Order, 'body'> & { readonly options: Record<string, unknown> };

function readOrder(given: string, options: RunBuildOptions, context: CliContext): Order {
  const path = resolve(context.cwd, given);
  const isFile = given.endsWith('.json') && statGivenPath(path)?.isDirectory() !== true;
  const variables = readBuildVariables(options.env, context);
  const source = isFile ? sourceOfFile(path) : sourceOfRepository(given, options.branch, context);
  const body = {
    kind: 'BuildSteps',
    options: {
      ...withVariables(source.options, variables),
      ...(options.branch !== undefined && { vcsPath: options.branch }),
      ...(options.event !== undefined && { event: options.event }),
      ...(options.deployUri !== undefined && { deployVcsUri: findRepository(options.deployUri, context).uri }),
      ...(options.deployPath !== undefined && { deployVcsPath: options.deployPath }),
      ...(options.cpu !== undefined && { containerCpu: options.cpu }),
      ...(options.memory !== undefined && { containerMemory: options.memory }),
      ...(options.storage !== undefined && { containerStorage: options.storage }),
    },
    ...(options.clientJobId !== undefined && { clientJobId: options.clientJobId }),
  };
  return { ...source, body };
}

function addTo(value: string, values: readonly string[]): string[] {
  return [...values, value];
}

/** Sets variables over those of a file with options. */
function withVariables(options: Record<string, unknown>, variables: Record<string, string>): Record<string, unknown> {
  if (Object.keys(variables).length === 0) return options;
  const own = options['environmentVariables'];
  return { ...options, environmentVariables: { ...(typeof own === 'object' && own), ...variables } };
}

/** Sizes are written as in ECS. The service knows which of them its cluster has. */
function sizeFor(field: ZodType): (given: string) => number {
  return (given) => {
    const size = sizeOf(given);
    if (Number.isInteger(size)) return numberFor(field)(String(size));
    throw new InvalidArgumentError('Give a whole number, or a size such as "2 vCPU" or "4 GB".');
  };
}

function sourceOfRepository(given: string, wanted: string | undefined, context: CliContext): Source {
  const { uri, local } = findRepository(given, context);
  if (!local) {
    const vcsPath = wanted ?? DEFAULT_BRANCH;
    const building = `${vcsPath} of ${withoutPassword(uri)}`;
    return { options: { sourceVcsUri: uri, vcsPath }, building, warnings: [], local: null };
  }
  const { vcsPath, commit, shown, warnings } = chooseBranch(local, wanted);
  const building = `${shown} of ${local.directory}`;
  return { options: { sourceVcsUri: uri, vcsPath }, building, warnings, local: { repository: local, commit } };
}

function sourceOfFile(path: string): Source {
  const example = '{"sourceVcsUri": "https://example.org/app.git", "vcsPath": "main"}';
  return { options: readOptionsFile(path, example), building: null, warnings: [], local: null };
}

/** Checks the build file if it can be read here, so that a typo does not cost a container. */
async function checkBuildFile({ local }: Order, context: CliContext): Promise<CheckOutcome> {
  return local ? checkCommittedFile(local.repository, local.commit, context) : 'unknown';
}

/** Prints what is going to be built before a container starts: a person on the wrong branch can stop now. */
function announce(order: Order, client: WipClient, options: RunBuildOptions, context: CliContext): void {
  const note = options.json ? context.err : context.out;
  if (order.building !== null) note.write(`Building ${oneLine(order.building)}.\n`);
  const warnings = [...order.warnings];
  if (order.local && !isLoopbackUrl(client.url)) {
    const { directory } = order.local.repository;
    warnings.push(
      `Containers of ${new URL(client.url).host} must find ${directory}; where they do not, give the URL of the repository`,
    );
  }
  for (const warning of warnings) context.err.write(`wipctl: warning: ${oneLine(warning)}.\n`);
}

/** Removes a password from an address before it is shown. */
function withoutPassword(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
