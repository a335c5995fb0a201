import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  AGENT_STATE_DIRECTORY,
  sharedSpoolFile,
  shortSocketDirectory,
  spoolFileIn,
} from '../../../shared/system/agent-files.ts';
import type { LaunchOrder, PortBinding } from '../launcher.ts';

/** Where the parts of a container that is a process are: all below its root, but what is shared or would be too long there. */
export interface ContainerFiles {
  readonly root: string;
  readonly config: string;
  readonly home: string;
  readonly ports: string;
  readonly subreaper: string;
  readonly pid: string;
  readonly exit: string;
  readonly log: string;
  readonly entry: string;
  readonly sharedSpool: string;
  readonly shortSocketDirectory: string;
}

export function filesOf(order: LaunchOrder): ContainerFiles {
  const root = order.directory;
  const own = (...parts: string[]): string => path.join(root, ...parts);
  return {
    root,
    config: own('etc', 'buildcontainer', 'config.ini'),
    home: own('home'),
    ports: own('run', 'ports.json'),
    subreaper: own('run', 'subreaper'),
    pid: own('container.pid'),
    exit: own('container.exit'),
    log: own('container.log'),
    entry: own('container.entry'),
    sharedSpool: sharedSpoolFile(spoolFileIn(own(AGENT_STATE_DIRECTORY))),
    shortSocketDirectory: shortSocketDirectory(root),
  };
}

/** Makes the directories of a container, and its agent's configuration. */
export function prepare(files: ContainerFiles, configIni: string): void {
  for (const directory of [path.dirname(files.config), files.home, path.dirname(files.ports)]) {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  }
  writeFileSync(files.config, configIni);
}

/** Returns the exit code that the wrapper has written; null when it could write none. */
export function readExitCode(files: ContainerFiles): number | null {
  const text = readText(files.exit)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

/** Reads the file that the agent writes once it listens, such as `{"22": 49153}`. */
export function readPorts(files: ContainerFiles): PortBinding[] {
  const text = readText(files.ports);
  if (text === null) return [];
  return Object.entries(parsePorts(text))
    .map(([containerPort, hostPort]) => ({ containerPort: Number(containerPort), hostPort: Number(hostPort) }))
    .filter(({ containerPort, hostPort }) => containerPort > 0 && hostPort > 0);
}

function parsePorts(text: string): Record<string, unknown> {
  try {
    const ports: unknown = JSON.parse(text);
    return typeof ports === 'object' && ports !== null ? { ...ports } : {};
  } catch {
    // Every program in the container may write this file. Text that is not JSON names no port.
    return {};
  }
}

/** Returns the text of a file; null when there is none. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
