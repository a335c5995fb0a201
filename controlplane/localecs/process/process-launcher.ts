import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Clock } from '../../../shared/time/clock.ts';
import { filesOf, prepare, readExitCode, readPorts, readText, type ContainerFiles } from './container-files.ts';
import { entryScript, WRAPPER, wrapperEnvironment } from './container-wrapper.ts';
import type { Adoption, LaunchedContainer, Launcher, LaunchOrder } from '../launcher.ts';
import { canBecomeSubreaper, writeSubreaper } from './subreaper.ts';
import { descendantsOf, isRunning, ownChildrenOf, processesOf, signalProcess } from './process-tree.ts';
import { whyNoProcess } from './why-no-process.ts';

interface ProcessLauncherOptions {
  /**
   * The command that runs in place of the container's entrypoint, such as `[node, agent/main.ts, run]`. Absolute paths.
   */
  readonly command: readonly string[];
  /** Content of the agent's config.ini. */
  readonly configIni: string;
  /** PATH of the containers. */
  readonly searchPath: string;
  readonly clock: Clock;
}

// Short enough that nobody notices the wait, long enough to cost nothing.
const POLL_MS = 50;
// A spawned wrapper writes its pid within milliseconds. This bound is for a very busy machine.
const SPAWNED_MS = 2_000;

/**
 * Runs agents as processes of this machine, without isolation. A container is one detached wrapper, the agent below it,
 * and whatever the agent starts.
 */
export function createProcessLauncher(options: ProcessLauncherOptions): Launcher {
  const { clock } = options;
  let canBeSubreaper: Promise<boolean> | undefined;

  /**
   * Returns the program that makes the wrapper a subreaper, so that no process leaves the container; empty where the
   * machine does not allow it.
   */
  async function subreaper(file: string): Promise<string[]> {
    writeSubreaper(file);
    if (await (canBeSubreaper ??= canBecomeSubreaper(file))) return [file];
    // The agent takes the file for the sign that there is a subreaper.
    rmSync(file);
    return [];
  }

  return {
    whyRefused: whyNoProcess,

    async start(order) {
      const files = filesOf(order);
      prepare(files, options.configIni);
      const shell = ['/bin/sh', '-c', WRAPPER, 'wip-container', files.pid, files.exit, ...options.command];
      const [program = '', ...argv] = [...(await subreaper(files.subreaper)), ...shell];
      const entry = openEntry(files, environmentFor(order, files, options.searchPath));
      const output = openSync(files.log, 'a', 0o600);
      const child = spawn(program, argv, {
        cwd: files.root,
        env: wrapperEnvironment(files.root),
        detached: true,
        stdio: ['ignore', output, output, entry],
      });
      closeSync(output);
      closeSync(entry);
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      await until(() => existsSync(files.pid) || child.exitCode !== null || child.signalCode !== null, clock);
      return launched(files, child.pid ?? 0, exited, clock);
    },

    async adopt(order): Promise<Adoption> {
      const files = filesOf(order);
      // The log is opened just before the spawn. Without a log nothing was spawned.
      if (readText(files.log) !== null) await untilThere(files.pid, clock);
      const [pidText, startTicks = ''] = (readText(files.pid) ?? '').trim().split(' ');
      if (!pidText) return { kind: 'never-started' };
      const pid = Number(pidText);
      if (!isRunning(pid, startTicks)) {
        endWith(files);
        return { kind: 'ended', exitCode: readExitCode(files) };
      }
      return { kind: 'running', launched: launched(files, pid, untilGone(pid, startTicks, clock), clock) };
    },

    async discard(order) {
      await rm(filesOf(order).root, { recursive: true, force: true });
    },
  };
}

/**
 * Returns a descriptor of the script. Its file has no name any more, because it holds the container's single-use token.
 */
function openEntry(files: ContainerFiles, environment: Record<string, string>): number {
  writeFileSync(files.entry, entryScript(environment), { mode: 0o600 });
  const entry = openSync(files.entry, 'r');
  unlinkSync(files.entry);
  return entry;
}

function environmentFor(order: LaunchOrder, files: ContainerFiles, searchPath: string): Record<string, string> {
  return {
    PATH: searchPath,
    LANG: 'C.UTF-8',
    ...order.environment,
    HOME: files.home,
    WIP_AGENT_ROOT: files.root,
    WIP_AGENT_PORT_FILE: files.ports,
    WIP_TASK_ARN: order.arn,
  };
}

function launched(files: ContainerFiles, wrapperPid: number, gone: Promise<void>, clock: Clock): LaunchedContainer {
  let hasEnded = false;
  const ended = gone.then(() => {
    hasEnded = true;
    endWith(files);
    return { exitCode: readExitCode(files) };
  });

  async function terminate(): Promise<void> {
    // The wrapper may not have started its child yet.
    let children = ownChildrenOf(wrapperPid);
    while (children.length === 0 && !hasEnded) {
      await clock.sleep(POLL_MS);
      children = ownChildrenOf(wrapperPid);
    }
    children.forEach((pid) => signalProcess(pid, 'SIGTERM'));
  }

  async function kill(): Promise<void> {
    // Repeated until the end, because the wrapper may not have started its child yet.
    while (!hasEnded) {
      // The wrapper is spared: it has to write the exit code.
      killAll([...descendantsOf(wrapperPid), ...processesOf(files.root)].filter((pid) => pid !== wrapperPid));
      await clock.sleep(POLL_MS);
    }
  }

  return {
    ended,
    terminate: () => void terminate(),
    kill: () => void kill(),
    ports: () => readPorts(files),
  };
}

/** Ends what a container would take with it: the build's processes by its PID namespace, and the agent's files elsewhere. */
function endWith(files: ContainerFiles): void {
  killAll(processesOf(files.root));
  // An agent that was killed has left its socket, when the path below its root would have been too long.
  for (const left of [files.sharedSpool, files.shortSocketDirectory]) {
    try {
      rmSync(left, { recursive: left === files.shortSocketDirectory, force: true });
    } catch {
      // Something that a build has put there, or another user's. Nobody waits for what it holds.
    }
  }
}

function killAll(pids: readonly number[]): void {
  pids.forEach((pid) => signalProcess(pid, 'SIGKILL'));
}

async function untilGone(pid: number, startTicks: string, clock: Clock): Promise<void> {
  while (isRunning(pid, startTicks)) await clock.sleep(POLL_MS);
}

async function untilThere(file: string, clock: Clock): Promise<void> {
  const endMs = clock.monotonicMs() + SPAWNED_MS;
  await until(() => existsSync(file) || clock.monotonicMs() > endMs, clock);
}

async function until(condition: () => boolean, clock: Clock): Promise<void> {
  while (!condition()) await clock.sleep(POLL_MS / 10);
}
