import { readBounded } from '../../shared/support/read-bounded.ts';
import { once } from 'node:events';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { get } from 'node:http';
import { normalize, sep } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { assertNever } from '../../shared/model/assert-never.ts';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { formatGigabytes, formatSeconds, gigabytes } from '../../shared/model/units.ts';
import { Health } from '../../shared/protocol/agent-api.ts';
import { spawnSystemProgram } from '../../shared/support/system-program.ts';
import { findAccounts } from '../config/accounts.ts';
import type { LocalCommand } from './arguments.ts';
import { readConfig, type AgentConfig, type Environment } from '../config/agent-config.ts';
import { COMMAND_HELP, USAGE } from './help.ts';
import { walkChangedFiles } from '../monitor/changed-files.ts';
import { readDiskSpace } from '../monitor/disk-space.ts';
import { jsonOf } from '../report/http-post.ts';
import { requireSshd } from '../ssh/require-sshd.ts';
import { EX_CONFIG, EX_USAGE } from '../lifecycle/exit-codes.ts';

const EX_FAILED = 1;
// ECS's health check gives up after 5 s by default (healthCheck.timeout).
const HEALTH_TIMEOUT_MS = 4_000;
// The health of an agent with a hundred processes is 40 kB.
const MAX_HEALTH_BYTES = 4 * 1024 * 1024;

export interface CommandDeps {
  readonly environment: Environment;
  /** Where the image's files are: `/`. */
  readonly imageRoot: string;
  readonly monotonicMs: () => number;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** Answers the exit code. */
export async function runLocalCommand(command: LocalCommand, deps: CommandDeps): Promise<number> {
  try {
    return await run(command, deps);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    deps.writeError(`${error.code}: ${error.message}\n`);
    if (error.code === 'USAGE') return EX_USAGE;
    return error.code === 'CONFIG_INVALID' ? EX_CONFIG : EX_FAILED;
  }
}

async function run(command: LocalCommand, deps: CommandDeps): Promise<number> {
  switch (command.kind) {
    case 'help':
      deps.write(command.command === undefined ? USAGE : COMMAND_HELP[command.command]);
      return 0;
    case 'usage-error':
      throw command.error;
    case 'check-config':
      return checkConfig(readConfig(deps.environment, command.configFile), deps);
    case 'baseline':
      return baseline(command, deps);
    case 'health': {
      const health = await askHealth(readConfig(deps.environment, command.configFile).socketPath);
      deps.write(`${health.phase}\n`);
      return health.phase === 'ready' ? 0 : EX_FAILED;
    }
    case 'status':
      printStatus(await askHealth(readConfig(deps.environment, command.configFile).socketPath), deps);
      return 0;
    default:
      return assertNever(command);
  }
}

async function diskSpace(path: string): Promise<{ free: number; size: number }> {
  const { default: checkDiskSpace } = await import('check-disk-space');
  // Its types say that the function is one level deeper than Node finds it.
  const check = checkDiskSpace as unknown as typeof checkDiskSpace.default;
  try {
    return await check(path, {
      platform: 'linux',
      release: '',
      fsAccess: access,
      pathNormalize: normalize,
      pathSep: sep,
      cpExecFile: (_name, args) => runDf(args ?? []),
    });
  } catch (cause) {
    throw new OperationalError('DISK_UNREADABLE', {
      happened: `The disk below ${path} cannot be measured: ${messageOf(cause)}`,
      remedy: 'Check that the path exists and that the image has df',
      cause,
    });
  }
}

/** The library would take df from PATH. */
async function runDf(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const child = spawnSystemProgram('df', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('spawn gave no pipe');
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  return { stdout: await Promise.race([textOf(child.stdout), failed]), stderr: '' };
}

async function checkConfig(config: AgentConfig, { write }: CommandDeps): Promise<number> {
  const { disk } = config;
  // What the agent refuses to start with. Below a root of its own it takes any user, and would make a home for it.
  if (config.root === null) findAccounts(config);
  if (config.sshServer === 'openssh') requireSshd(config.file);
  write(`${config.file} is correct.\n`);
  write(
    `disk: the build may add ${formatGigabytes(disk.maxWorkloadBytes)} to the ${formatGigabytes(disk.initialBytes)} of the image\n`,
  );
  for (const path of disk.paths) {
    // Throws when it is not there, as the agent will; check-disk-space would measure the next directory above.
    readDiskSpace(path);
    const { free, size } = await diskSpace(path);
    write(`disk: ${path} has ${formatGigabytes(free)} free of ${formatGigabytes(size)}\n`);
    if (free < disk.maxWorkloadBytes + disk.reserveBytes)
      write(`warning: ${path} is full before the limit is reached\n`);
  }
  write(
    `time: ${formatSeconds(config.maxTimeSeconds)}; without progress: ${config.noProgressSeconds === 0 ? 'no limit' : formatSeconds(config.noProgressSeconds)}\n`,
  );
  write(
    `ssh: ${config.sshHost} port ${config.sshPort === 0 ? 'any' : config.sshPort}; agent API: ${config.socketPath}\n`,
  );
  write(`workload: user ${config.workloadUser}; shutdown file: ${config.shutdownFile}\n`);
  return 0;
}

/**
 * What the files of the image take. Not what is used of the disk: that of a machine on which images are built is its
 * own images', and as a baseline would pass any disk for the container's own.
 */
async function baseline(command: LocalCommand & { kind: 'baseline' }, deps: CommandDeps): Promise<number> {
  const { imageRoot, monotonicMs } = deps;
  const everything = { sinceMs: -Infinity, device: lstatSync(imageRoot).dev, excluded: new Set<string>() };
  const { bytes } = await walkChangedFiles({ paths: [imageRoot], ...everything, monotonicMs });
  const text = gigabytes(bytes).toFixed(3);
  deps.write(`${text} GB\n`);
  if (command.writeFile !== undefined) writeInitialSize(command.writeFile, text);
  return 0;
}

function writeInitialSize(file: string, gigabytesText: string): void {
  try {
    writeFileSync(file, withInitialSize(readFileSync(file, 'utf8'), gigabytesText));
  } catch (cause) {
    throw new OperationalError('FILE_REFUSED', {
      happened: `The figure could not be written into ${file}: ${messageOf(cause)}`,
      remedy: 'Name a config.ini that is there and that this user may write',
      cause,
    });
  }
}

/** Replaces the value and leaves everything else, comments included, as people wrote it. */
export function withInitialSize(ini: string, gigabytesText: string): string {
  const line = /^([ \t]*initial_size[ \t]*=[ \t]*)[^;#\r\n]*?([ \t]*(?:[;#].*)?)$/m;
  if (line.test(ini)) return ini.replace(line, `$1${gigabytesText}$2`);
  const section = /^[ \t]*\[disk\][^\n]*\n/m;
  const added = `initial_size = ${gigabytesText}\n`;
  return section.test(ini) ? ini.replace(section, (found) => found + added) : `${ini.trimEnd()}\n\n[disk]\n${added}`;
}

/** Asks the agent of this container over its own socket. */
function askHealth(socketPath: string): Promise<Health> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void =>
      reject(
        new OperationalError('AGENT_API_FAILED', {
          happened: `The agent does not answer at ${socketPath}: ${messageOf(cause)}`,
          remedy: 'Check that it runs, and that this command has the same configuration and rights',
          cause,
        }),
      );
    const request = get({ socketPath, path: '/v1/health', timeout: HEALTH_TIMEOUT_MS }, (response) => {
      readBounded(response, MAX_HEALTH_BYTES)
        .then(({ bytes }) => {
          const parsed = Health.safeParse(jsonOf(bytes.toString()));
          return parsed.success ? resolve(parsed.data) : refuse(new Error('its answer is not that of an agent'));
        })
        .catch(refuse);
    });
    request.once('timeout', () => request.destroy(new Error(`no answer within ${HEALTH_TIMEOUT_MS} ms`)));
    request.once('error', refuse);
  });
}

function printStatus(health: Health, { write }: CommandDeps): void {
  write(`wip-agent ${health.agentVersion}: ${health.phase} for ${formatSeconds(health.uptimeSeconds)}\n`);
  if (health.disk)
    write(`disk: ${formatGigabytes(health.disk.freeBytes)} free of ${formatGigabytes(health.disk.totalBytes)}\n`);
  for (const process of health.processes) {
    const end = process.result
      ? `${process.result.reason} ${process.result.exitCode ?? process.result.signal ?? ''}`
      : `running as ${process.pid ?? '?'}`;
    write(
      `${process.processId}: ${end.trim()}; ${process.streams.stdout.bytes} + ${process.streams.stderr.bytes} bytes of output\n`,
    );
  }
}
