import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DEBOOTSTRAP = '/usr/sbin/debootstrap';
/** What docker/agent.Dockerfile would install. */
const PROGRAMS = ['ca-certificates', 'git', 'libstdc++6', 'openssh-client', 'tini', 'util-linux'];

/** Returns why no base system of Debian can be made here, or undefined. */
export function whyNoDebian(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  return existsSync(DEBOOTSTRAP) ? undefined : 'needs debootstrap, install it with apt-get install debootstrap';
}

/**
 * Makes an archive of the smallest system of this release, from the mirror that apt uses on this machine. Takes one to
 * three minutes; an archive that is there is used again.
 */
export function debianBase(suite: string, directory: string): string {
  const archive = join(directory, `${suite}.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(directory, { recursive: true });
  const system = mkdtempSync('/var/tmp/wip-debian-');
  try {
    const options = ['--variant=minbase', `--include=${PROGRAMS.join()}`];
    execFileSync(DEBOOTSTRAP, [...options, suite, system, mirror()], { stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('tar', [
      '-C',
      system,
      '--exclude=./var/cache/apt/*',
      '--exclude=./dev/*',
      '-cf',
      `${archive}.tmp`,
      '.',
    ]);
    renameSync(`${archive}.tmp`, archive);
  } finally {
    rmSync(system, { recursive: true, force: true });
    rmSync(join(dirname(archive), `${suite}.tar.tmp`), { force: true });
  }
  return archive;
}

function mirror(): string {
  const format = ['--format', '$(ORIGIN) $(LABEL) $(REPO_URI)', 'Created-By: Packages'];
  const lines = execFileSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' }).split('\n');
  const uri = lines.find((line) => line.startsWith('Debian Debian '))?.split(' ')[2];
  if (uri === undefined) throw new Error('apt knows no mirror of Debian here: run "apt-get update"');
  return uri;
}
