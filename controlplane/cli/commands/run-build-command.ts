import { isLoopbackUrl } from '../../../shared/support/loopback.ts';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { SubmitBody } from '../../api/tasks/task-routes.ts';
import { chooseBranch } from '../repository/choose-branch.ts';
import type { CliContext } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { findRepository } from '../repository/find-repository.ts';
import { oneLine } from '../output/text.ts';
import { reportAddedTask, type ReportOptions } from './report-added-task.ts';
import { readOptionsFile } from './task-options.ts';

/** The default branch for a URL. The repository behind it is not asked before the build. */
const DEFAULT_BRANCH = 'main';

interface RunBuildOptions extends ClientOptions, ReportOptions {
  readonly branch?: string;
  readonly event?: string;
  readonly deployUri?: string;
  readonly deployPath?: string;
  readonly clientJobId?: string;
}

export function runBuildCommand(context: CliContext): Command {
  return clientCommand('run', 'Build a branch of a git repository in a container.', [
    'run . --watch',
    'run https://example.org/app.git --branch main --deploy-uri git@example.org:app-artefacts.git --watch',
    'run build.json --watch',
  ])
    .argument('<repo|file>', 'a git repository (path or URL), or a .json file with the options of a BuildSteps task')
    .option(
      '-b, --branch <name>',
      'branch or tag to build (default: the one checked out in a local repository; main of a URL)',
    )
    .option('--event <name>', 'event of the build file whose steps are run (default: build)')
    .option('--deploy-uri <uri>', 'repository that the artefact is pushed to after the event build')
    .option('--deploy-path <ref>', 'branch of that repository (default: pipelines-build-<branch>)')
    .option('--client-job-id <id>', 'idempotency key: the same id names the same task, so nothing is built twice')
    .option('-w, --watch', 'follow the build to its end; Ctrl-C stops watching, not the build')
    .action(async (given: string, options: RunBuildOptions) => {
      const order = readOrder(given, options, context);
      const client = connect(options, context);
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
  /** Path of the repository, when it is on this machine. */
  readonly localPath: string | null;
}

type Source = Omit<Order, 'body'> & { readonly options: Record<string, unknown> };

function readOrder(given: string, options: RunBuildOptions, context: CliContext): Order {
  const path = resolve(context.cwd, given);
  const isFile = given.endsWith('.json') && statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true;
  const source = isFile ? sourceOfFile(path) : sourceOfRepository(given, options.branch, context);
  const body = {
    kind: 'BuildSteps',
    options: {
      ...source.options,
      ...(options.branch !== undefined && { vcsPath: options.branch }),
      ...(options.event !== undefined && { event: options.event }),
      ...(options.deployUri !== undefined && { deployVcsUri: findRepository(options.deployUri, context).uri }),
      ...(options.deployPath !== undefined && { deployVcsPath: options.deployPath }),
    },
    ...(options.clientJobId !== undefined && { clientJobId: options.clientJobId }),
  };
  return { ...source, body };
}

function sourceOfRepository(given: string, wanted: string | undefined, context: CliContext): Source {
  const { uri, local } = findRepository(given, context);
  if (!local) {
    const vcsPath = wanted ?? DEFAULT_BRANCH;
    const building = `${vcsPath} of ${withoutPassword(uri)}`;
    return { options: { sourceVcsUri: uri, vcsPath }, building, warnings: [], localPath: null };
  }
  const { vcsPath, shown, warnings } = chooseBranch(local, wanted);
  const building = `${shown} of ${local.directory}`;
  return { options: { sourceVcsUri: uri, vcsPath }, building, warnings, localPath: local.directory };
}

function sourceOfFile(path: string): Source {
  const example = '{"sourceVcsUri": "https://example.org/app.git", "vcsPath": "main"}';
  return { options: readOptionsFile(path, example), building: null, warnings: [], localPath: null };
}

/** Prints what is going to be built before a container starts: a person on the wrong branch can stop now. */
function announce(order: Order, client: WipClient, options: RunBuildOptions, context: CliContext): void {
  const note = options.json ? context.err : context.out;
  if (order.building !== null) note.write(`Building ${oneLine(order.building)}.\n`);
  const warnings = [...order.warnings];
  if (order.localPath !== null && !isLoopbackUrl(client.url)) {
    warnings.push(
      `Containers of ${new URL(client.url).host} must find ${order.localPath}; where they do not, give the URL of the repository`,
    );
  }
  for (const warning of warnings) context.err.write(`wipctl: warning: ${oneLine(warning)}.\n`);
}

/** Removes a password from an address before it is shown. */
function withoutPassword(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
