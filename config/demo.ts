// Shows the whole chain on this machine: a control plane with its own database, local ECS, the real agent, a real
// build and a real push, in a temporary directory that is removed at the end.
//
//   npm run demo                            a build that succeeds
//   npm run demo -- --scenario disk         also: timeout, crash, fail, terminate
import { spawn, type SpawnOptions } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Sink } from '../controlplane/cli/cli-context.ts';
import { createWipClient } from '../controlplane/cli/client/wip-client.ts';
import { startDevelopment, type Development } from '../controlplane/cli/node/start-development.ts';
import { createNodeLog } from '../controlplane/cli/node/node-log.ts';
import { paintFor } from '../controlplane/cli/output/text.ts';
import { watchTask } from '../controlplane/cli/output/watch-task.ts';
import { isSuccess } from '../shared/model/status.ts';
import { messageOf, OperationalError } from '../shared/model/error.ts';
import { systemClock } from '../shared/time/clock.ts';
import { disturbBuild, SCENARIOS, type Scenario } from './demo-scenarios.ts';
import { FollowingAbort } from '../shared/time/following-abort.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const SAMPLE = join(HERE, 'sample-build');

// 128 + SIGINT, as shells have it.
const INTERRUPTED = 130;

interface Ended {
  /** Exit code, or the name of the signal, or why it did not start. */
  readonly ended: number | string;
  readonly said: string;
}

/** Runs a program in a group of its own: Ctrl-C is for this one, which then ends what it has started. */
async function runAside(program: string, args: readonly string[], options: SpawnOptions): Promise<Ended> {
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'killed'));
  });
  return { ended, said };
}

/** In a process of its own, because the bundler's own helper does not survive the Ctrl-C of a terminal. */
async function bundleAgent(): Promise<void> {
  const { ended, said } = await runAside(process.execPath, [join(HERE, 'build.ts'), 'bundle'], {});
  if (ended !== 0) throw new Error(`bundling the agent ended with ${ended}: ${said}`);
}

async function git(directory: string, ...args: string[]): Promise<void> {
  const { ended, said } = await runAside('git', args, {
    cwd: directory,
    // Nothing of the person's own settings (signing, hooks, templates) has a part in this.
    env: { PATH: process.env['PATH'] ?? '', HOME: directory, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  });
  if (ended === 0) return;
  if (ended === 'spawn git ENOENT') {
    throw new OperationalError('GIT_MISSING', {
      happened: 'The demo makes git repositories, and there is no git on the PATH',
      remedy: 'Install git and run the demo again',
    });
  }
  throw new OperationalError('GIT_FAILED', {
    happened: `"git ${args[0]}" ended with ${ended} in ${directory}: ${said.trim()}`,
    remedy: 'Correct what it names and run the demo again',
  });
}

async function makeRepositories(directory: string, scenario: string): Promise<{ source: string; artefact: string }> {
  const source = join(directory, 'sample-build');
  const artefact = join(directory, 'artefact.git');
  cpSync(SAMPLE, source, { recursive: true, filter: (path) => !path.endsWith('scenarios') });
  if (scenario !== 'success')
    cpSync(join(SAMPLE, 'scenarios', `${scenario}.yaml`), join(source, 'acquia-pipelines.yaml'));
  const identity = ['-c', 'user.name=Wip demo', '-c', 'user.email=demo@wip.invalid'];
  await git(source, 'init', '--quiet', '--initial-branch=main');
  await git(source, 'add', '--all');
  await git(source, ...identity, 'commit', '--quiet', '-m', 'A small site');
  await git(directory, 'init', '--quiet', '--bare', artefact);
  return { source, artefact };
}

async function demo(name: string, scenario: Scenario, stop: AbortController): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'wip-demo-'));
  // As root the database runs as another user, who must get through to its own part.
  chmodSync(directory, 0o711);
  let development: Development | undefined;
  try {
    console.log(`Wip demo: ${scenario.says}.`);
    await bundleAgent();
    if (stop.signal.aborted) return INTERRUPTED;
    const { source, artefact } = await makeRepositories(directory, name);
    if (stop.signal.aborted) return INTERRUPTED;
    development = await startDevelopment({
      environment: process.env,
      given: { data_dir: join(directory, 'data'), port: 0 },
      clock: systemClock,
      random: Math.random,
      log: createNodeLog('error'),
      onFatal: () => stop.abort(),
    });
    if (stop.signal.aborted) return INTERRUPTED;
    console.log(`Database, local ECS and a control-plane node run at ${development.url}.\n`);
    const client = createWipClient({ url: development.url, token: development.token.reveal() });
    const task = await client.addTask({
      kind: 'BuildSteps',
      options: { sourceVcsUri: source, vcsPath: 'main', deployVcsUri: artefact, ...scenario.options },
    });
    const over = new FollowingAbort(stop.signal);
    const build = { client, id: task.id, development };
    const disturbed = disturbBuild(scenario, build, over.signal);
    const end = await watchTask(client, task.id, terminal(), {
      abort: stop.signal,
      paint: paintFor(terminal(), process.env),
    });
    over.abort();
    await disturbed;
    if (stop.signal.aborted) return INTERRUPTED;
    return isSuccess(end.exitStatus) ? 0 : 1;
  } catch (error) {
    // What Ctrl-C broke off is no fault.
    if (stop.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    await development?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function terminal(): Sink {
  const { stdout } = process;
  return {
    write: (text) => void stdout.write(text),
    drained: async () => undefined, // what the demo prints is small
    isTerminal: stdout.isTTY ?? false,
    columns: stdout.columns,
  };
}

/** The scenario that was asked for; throws USAGE. */
function readArguments(): { name: string; scenario: Scenario } {
  let name: string;
  try {
    name = parseArgs({ options: { scenario: { type: 'string', default: 'success' } } }).values.scenario;
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: messageOf(cause).split(/\. |\n/)[0] ?? '',
      remedy: 'Use "npm run demo" or "npm run demo -- --scenario NAME"',
      cause,
    });
  }
  const scenarios: Readonly<Record<string, Scenario>> = SCENARIOS;
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario) return { name, scenario };
  throw new OperationalError('USAGE', {
    happened: `There is no scenario "${name}"`,
    remedy: `Use one of ${Object.keys(SCENARIOS).join(', ')}`,
  });
}

async function main(): Promise<number> {
  const { name, scenario } = readArguments();
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) return;
    console.error('\nEnding the demo …');
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return demo(name, scenario, stop);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof OperationalError)) throw error;
  console.error(`${error.message} [${error.code}]`);
  process.exitCode = error.code === 'USAGE' ? 2 : 1;
}
