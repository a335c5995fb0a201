import { join, resolve } from 'node:path';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { BYTES_PER_GB } from '../../shared/model/units.ts';
import { AGENT_STATE_DIRECTORY, shortSocketDirectory } from '../../shared/system/agent-files.ts';
import { readRegularFileSync } from '../system/read-regular-file.ts';
import { quoted } from '../../shared/text/quote.ts';
import { FIGURE, parseConfigFile } from './config-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_CONFIG_FILE = '/etc/buildcontainer/config.ini';

// sockaddr_un holds 108 bytes on Linux and 104 on other systems; the smaller keeps paths portable.
const MAX_SOCKET_PATH_BYTES = 104;

interface DiskConfig {
  readonly initialBytes: number;
  readonly maxWorkloadBytes: number;
  /** 0 means no limit. */
  readonly maxInodes: number;
  readonly method: 'auto' | 'statfs' | 'changed-files';
  readonly paths: readonly string[];
  readonly reserveBytes: number;
}

/** The whole configuration, checked once and frozen; slices of it are handed on. */
export interface AgentConfig {
  readonly file: string;
  /** Set when several agents share a machine: everything the agent writes is below this directory. */
  readonly root: string | null;
  readonly disk: DiskConfig;
  readonly maxTimeSeconds: number;
  /** 0 means off. */
  readonly noProgressSeconds: number;
  readonly lastWordsSeconds: number;
  readonly reportOom: boolean;
  readonly sshServer: 'embedded' | 'openssh';
  readonly sshHost: string;
  readonly sshPort: number;
  readonly socketPath: string;
  /** Whether the socket's directory was made for the socket alone, and is removed with it. */
  readonly socketDirectoryIsOwn: boolean;
  readonly workloadUser: string;
  readonly shutdownFile: string;
  readonly stopBudgetSeconds: number;
  /** The agent's own files: spool, output of processes, start marker. */
  readonly stateDirectory: string;
}

/** Path of the configuration, and the directory below which the agent lives. */
export interface ConfigLocation {
  readonly file: string;
  readonly root: string | null;
}

export function locateConfig(environment: Environment, fileArgument?: string): ConfigLocation {
  const root = environment['WIP_AGENT_ROOT'] ? resolve(environment['WIP_AGENT_ROOT']) : null;
  const file = fileArgument ?? environment['WIP_AGENT_CONFIG'] ?? join(root ?? '/', DEFAULT_CONFIG_FILE);
  return { file, root };
}

// The configuration that is shipped has 3 kB.
const MAX_CONFIG_BYTES = 1_000_000;

/** Reads and checks config.ini; throws CONFIG_INVALID naming file, section, key, value and what is allowed. */
export function readConfig(environment: Environment, fileArgument?: string): AgentConfig {
  const location = locateConfig(environment, fileArgument);
  let text: string;
  try {
    text = readRegularFileSync(location.file, MAX_CONFIG_BYTES).toString();
  } catch (cause) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The configuration file ${location.file} cannot be read: ${messageOf(cause)}`,
      remedy: 'Put a config.ini there, or name another with --config or WIP_AGENT_CONFIG',
      cause,
    });
  }
  return parseConfig(text, location, environment);
}

/** Makes the configuration from the text of config.ini and the environment, without I/O. */
export function parseConfig(text: string, location: ConfigLocation, environment: Environment): AgentConfig {
  const { disk, time, memory, ssh, api, workload, shutdown } = parseConfigFile(text, location.file);
  const below = (path: string): string => (location.root ? join(location.root, path) : path);
  const socketPath = shortSocketPath(below(api.socket), location.root);
  const limits = environmentLimits(environment);
  return Object.freeze({
    file: location.file,
    root: location.root,
    disk: Object.freeze({
      initialBytes: Math.round(disk.initial_size * BYTES_PER_GB),
      maxWorkloadBytes: Math.round(Math.min(disk.max_workload, limits.maxDiskGb) * BYTES_PER_GB),
      maxInodes: disk.max_inodes,
      method: disk.method,
      paths: disk.paths.map(below),
      reserveBytes: Math.round(disk.reserve * BYTES_PER_GB),
    }),
    maxTimeSeconds: Math.min(time.max_workload, limits.maxTimeSeconds),
    noProgressSeconds: time.no_progress,
    lastWordsSeconds: time.last_words,
    reportOom: memory.report_oom,
    sshServer: ssh.server,
    // An agent without a container of its own shares its network with the machine, so it hides on loopback.
    sshHost: location.root ? '127.0.0.1' : '0.0.0.0',
    sshPort: location.root ? 0 : ssh.port,
    socketPath,
    socketDirectoryIsOwn: socketPath !== below(api.socket),
    workloadUser: workload.user,
    shutdownFile: below(shutdown.file),
    stopBudgetSeconds: shutdown.stop_budget,
    stateDirectory: below(AGENT_STATE_DIRECTORY),
  });
}

/** WORKLOAD_MAX_DISK (GB) and WORKLOAD_MAX_TIME (s) may only lower what the file allows: the smaller holds. */
function environmentLimits(environment: Environment): { maxDiskGb: number; maxTimeSeconds: number } {
  const limit = (name: string): number => {
    const text = environment[name];
    if (text === undefined || text === '') return Infinity;
    if (FIGURE.test(text) && Number(text) > 0) return Number(text);
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The environment variable ${name} is ${quoted(text)}, which is not a number above 0`,
      remedy: 'Set it to a number such as 10 or 2.5, or leave it out',
    });
  };
  return { maxDiskGb: limit('WORKLOAD_MAX_DISK'), maxTimeSeconds: limit('WORKLOAD_MAX_TIME') };
}

/** Moves a path that is too long for a Unix socket to /tmp, under a name that `wip-agent status` can work out again. */
export function shortSocketPath(path: string, root: string | null): string {
  if (Buffer.byteLength(path) < MAX_SOCKET_PATH_BYTES || root === null) return path;
  return join(shortSocketDirectory(root), 'agent.sock');
}
