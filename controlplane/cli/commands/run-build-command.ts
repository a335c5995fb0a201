import { isLoopbackUrl } from '../../../shared/support/loopback.ts';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { isSuccess } from '../../../shared/model/status.ts';
import type { SubmitBody } from '../../api/tasks/task-routes.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import { chooseBranch } from '../repository/choose-branch.ts';
import { writeJson, type CliContext, type Sink } from '../cli-context.ts';
import type { WipClient } from '../client/wip-client.ts';
import { clientCommand, connect, type ClientOptions } from './client-command.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { findRepository } from '../repository/find-repository.ts';
import { oneLine, paintFor } from '../output/text.ts';
import { watchTask } from '../output/watch-task.ts';

/** The default branch for a URL. The repository behind it is not asked before the build. */
const DEFAULT_BRANCH = 'main';

interface RunBuildOptions extends ClientOptions {
  readonly branch?: string;
  readonly event?: string;
  readonly deployUri?: string;
  readonly deployPath?: string;
  readonly clientJobId?: string;
  readonly watch?: boolean;
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
      if (options.watch) return watchToTheEnd(client, task, options, context);
      if (options.json) return writeJson(context, task);
      context.out.write(
        `Task ${task.id} was added. Follow it with "wipctl logs ${task.id} -f", see it with "wipctl show ${task.id}".\n`,
      );
    });
}

async function watchToTheEnd(
  client: WipClient,
  task: TaskView,
  options: RunBuildOptions,
  context: CliContext,
): Promise<void> {
  const abort = context.onInterrupt();
  const silent: Sink = { write: () => undefined, isTerminal: false, columns: undefined };
  const paint = paintFor(context.out, context.environment);
  if (!options.json) context.out.write(`Task ${task.id} was added: ${task.title}\n`);
  const ended = await watchTask(client, task.id, options.json ? silent : context.out, {
    abort,
    clock: context.clock,
    paint,
  });
  if (options.json) writeJson(context, ended);
  if (ended.status !== 'COMPLETE') {
    context.err.write(
      `\nStopped watching; task ${task.id} goes on. Watch it again with "wipctl logs ${task.id} -f", end it with "wipctl terminate ${task.id}".\n`,
    );
    return context.setExitCode(EXIT_CODE.INTERRUPTED);
  }
  context.setExitCode(isSuccess(ended.exitStatus) ? EXIT_CODE.OK : EXIT_CODE.BUILD_FAILED);
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
  return { options: readOptionsFile(path), building: null, warnings: [], localPath: null };
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

function readOptionsFile(path: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${path} could not be read as a JSON object: ${whatIsWrong(cause)}`,
      remedy: 'Give a file such as {"sourceVcsUri": "https://example.org/app.git", "vcsPath": "main"}',
      cause,
    });
  }
}

function whatIsWrong(cause: unknown): string {
  if (cause instanceof z.ZodError) return 'it holds something else';
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
}

/** Removes a password from an address before it is shown. */
function withoutPassword(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
