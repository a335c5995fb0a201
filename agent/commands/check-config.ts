import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { normalize, sep } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { formatGigabytes, formatGigabytesApart, formatSeconds } from '../../shared/model/units.ts';
import { spawnSystemProgram } from '../system/system-program.ts';
import { findAccounts } from '../config/accounts.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { checkPaths } from '../config/check-paths.ts';
import { readDiskSpace } from '../monitor/disk-space.ts';
import { requireSshd } from '../ssh/require-sshd.ts';
import type { CommandDeps } from './command-deps.ts';

/** Prints what follows from the configuration. Throws what the agent would refuse to start with. */
export async function checkConfig(config: AgentConfig, { write }: Pick<CommandDeps, 'write'>): Promise<number> {
  const { disk } = config;
  // The agent refuses to start without these. Below a root of its own it takes any user, and makes a home for it.
  if (config.root === null) findAccounts(config);
  if (config.sshServer === 'openssh') requireSshd(config.file);
  checkPaths(config);
  write(`${config.file} is correct.\n`);
  write(
    `disk: the build may add ${formatGigabytes(disk.maxWorkloadBytes)} to the ${formatGigabytes(disk.initialBytes)} of the image\n`,
  );
  for (const path of disk.paths) {
    // Throws for a path that does not exist, as the agent will; check-disk-space would measure the next directory above.
    readDiskSpace(path);
    const { free, size } = await diskSpace(path);
    const [freeText, sizeText] = formatGigabytesApart(free, size);
    write(`disk: ${path} has ${freeText} free of ${sizeText}\n`);
    // The agent itself asks statfs, which leaves out what is kept for root.
    if (readDiskSpace(path).freeBytes < disk.reserveBytes)
      write(
        `warning: ${path} has less free than [disk] reserve, ${formatGigabytes(disk.reserveBytes)}: the container ends at once\n`,
      );
    else if (free < disk.maxWorkloadBytes + disk.reserveBytes)
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

async function diskSpace(path: string): Promise<{ free: number; size: number }> {
  const { default: checkDiskSpace } = await import('check-disk-space');
  // The library's types put the function one level deeper than Node finds it.
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

/** Runs df of the system; the library would take it from PATH. */
async function runDf(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const child = spawnSystemProgram('df', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('spawn gave no pipe');
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  return { stdout: await Promise.race([textOf(child.stdout), failed]), stderr: '' };
}
