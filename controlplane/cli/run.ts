import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { isSuccess } from '../../shared/model/status.ts';
import type { SubmitBody } from '../http/tasks/submit.ts';
import type { TaskView } from '../http/views.ts';
import type { CliWorld, Sink } from './cli-world.ts';
import type { WipClient } from './client.ts';
import { clientCommand, connect, writeJson, type ClientOptions } from './command.ts';
import { EXIT_CODE } from './exit-code.ts';
import { findRepository } from './repository.ts';
import { paintFor } from './text.ts';
import { watchTask } from './watch.ts';

export interface RunOptions extends ClientOptions {
  readonly branch?: string;
  readonly event?: string;
  readonly deployUri?: string;
  readonly deployPath?: string;
  readonly clientJobId?: string;
  readonly watch?: boolean;
}

export function runCommand(world: CliWorld): Command {
  return clientCommand('run', 'Build a branch of a git repository in a container.', [
    'run . --watch',
    'run https://example.org/app.git --branch main --deploy-uri git@example.org:app-artefacts.git --watch',
    'run build.json --watch',
  ])
    .argument('<repo|file>', 'a git repository (path or URL), or a .json file with the options of a BuildSteps task')
    .option('-b, --branch <name>', 'branch to build (default: the one checked out in a local repository, else main)')
    .option('--event <name>', 'event of the build file whose steps are run (default: build)')
    .option('--deploy-uri <uri>', 'repository that the artefact is pushed to after the event build')
    .option('--deploy-path <ref>', 'branch of it (default: pipelines-build-<branch>)')
    .option('--client-job-id <id>', 'the same id again is the same task: nothing is built twice')
    .option('-w, --watch', 'follow the build to its end; Ctrl-C stops the watching, not the build')
    .action(async (given: string, options: RunOptions) => {
      const body = readTask(given, options, world.cwd);
      const client = connect(options, world);
      const task = await client.addTask(body);
      if (options.watch) return watchToTheEnd(client, task, options, world);
      if (options.json) return writeJson(world, task);
      world.out.write(
        `Task ${task.id} was added. Follow it with "wipctl logs ${task.id} -f", see it with "wipctl show ${task.id}".\n`,
      );
    });
}

async function watchToTheEnd(client: WipClient, task: TaskView, options: RunOptions, world: CliWorld): Promise<void> {
  const signal = world.onInterrupt();
  const silent: Sink = { write: () => undefined, isTerminal: false, columns: undefined };
  const paint = paintFor(world.out, world.environment);
  if (!options.json) world.out.write(`Task ${task.id} was added: ${task.title}\n`);
  const ended = await watchTask(client, task.id, options.json ? silent : world.out, {
    signal,
    clock: world.clock,
    paint,
  });
  if (options.json) writeJson(world, ended);
  if (ended.status !== 'COMPLETE') {
    world.err.write(
      `\nStopped watching; task ${task.id} goes on. Watch it again with "wipctl logs ${task.id} -f", end it with "wipctl terminate ${task.id}".\n`,
    );
    return world.setExitCode(EXIT_CODE.INTERRUPTED);
  }
  world.setExitCode(isSuccess(ended.exitStatus) ? EXIT_CODE.OK : EXIT_CODE.BUILD_FAILED);
}

function readTask(given: string, options: RunOptions, cwd: string): SubmitBody {
  const fromFile = given.endsWith('.json') ? readOptionsFile(resolve(cwd, given)) : buildOptions(given, cwd);
  return {
    kind: 'BuildSteps',
    options: {
      ...fromFile,
      ...(options.branch !== undefined && { vcsPath: options.branch }),
      ...(options.event !== undefined && { event: options.event }),
      ...(options.deployUri !== undefined && { deployVcsUri: findRepository(options.deployUri, cwd).uri }),
      ...(options.deployPath !== undefined && { deployVcsPath: options.deployPath }),
    },
    ...(options.clientJobId !== undefined && { clientJobId: options.clientJobId }),
  };
}

function buildOptions(given: string, cwd: string): Record<string, unknown> {
  const { uri, branch } = findRepository(given, cwd);
  return { sourceVcsUri: uri, vcsPath: branch ?? 'main' };
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
