import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf, ownChildrenOf } from '../../../controlplane/localecs/process/process-tree.ts';
import type { AgentPlace } from './agent-place.ts';
import { eventually } from '../eventually.ts';
import { lacking } from '../lacking.ts';

export interface AgentContainerOptions {
  /** Content of config.ini after `[ssh] port = 0` and `[workload] user = local`, an account as useradd makes it. */
  readonly config?: string;
  /** Size of the container's filesystem, an ext4 of its own. */
  readonly diskBytes?: number;
  readonly diskInodes?: number;
  readonly memoryBytes?: number;
  /** An additional group of the build's user. */
  readonly supplementaryGroup?: number;
  /** The role of process 1: tini for the agent, the agent itself, or a script that starts the agent beside others. */
  readonly init?: 'tini' | 'agent' | 'script';
  /** The commands of process 1, for `script`; "$@" is the agent. */
  readonly script?: string;
  /** The directory of this machine that holds the container's disk. Default: /var/tmp. */
  readonly parent?: string;
  /** A directory of this machine that the container has at the same path. */
  readonly volume?: string;
  /** Empty files that the image has besides those of this machine: absolute paths without blanks. */
  readonly imageFiles?: readonly string[];
}

/** A directory of the container that every user in it may write to. /tmp belongs to this machine too, and changes. */
export const SCRATCH = '/wip-scratch';

const TINI = '/usr/bin/tini';
const MEMORY_GROUPS = '/sys/fs/cgroup/memory';
const CPU_GROUPS = '/sys/fs/cgroup/cpuacct';
// The capabilities that Docker, and so ECS, leaves to root in a container: no CAP_SYS_ADMIN, and no CAP_SYS_PTRACE
// either.
const CAPABILITIES =
  '-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+sys_chroot,+mknod,+setfcap';
// Runs inside new namespaces, which take every mount and process with them when they end. Read by sh -e.
const ENTER = `
place=$1 scratch=$2 volume=$3 image=$4 first=$5; shift 5
mount --make-rprivate /
# A filesystem of its own: overlayfs refuses a layer that lies in another layer.
mount -t tmpfs -o mode=755 image "$place/image"
for file in $image; do mkdir -p "$place/image$(dirname "$file")" && : >"$place/image$file"; done
mount -o loop "$place/disk.img" "$place/disk"
mkdir -p "$place/disk/upper/etc/buildcontainer" "$place/disk/upper/tmp" "$place/disk/upper$scratch" "$place/disk/work"
cp "$place/config.ini" "$place/disk/upper/etc/buildcontainer/config.ini"
chmod 1777 "$place/disk/upper/tmp" "$place/disk/upper$scratch"
upper="$place/disk/upper"
mkdir -p "$upper/home/local" && chown 12345:12345 "$upper/home/local"
(cat /etc/passwd; echo 'local:x:12345:12345::/home/local:/bin/sh') >"$upper/etc/passwd"
cat /etc/group "$place/group" >"$upper/etc/group"
(cat /etc/shadow; echo 'local:!:19000:0:99999:7:::') >"$upper/etc/shadow" && chmod 600 "$upper/etc/shadow"
mount -t overlay overlay -o "lowerdir=$place/image:/,upperdir=$place/disk/upper,workdir=$place/disk/work" "$place/root"
cd "$place/root"
if [ -n "$volume" ]; then mount --bind "$volume" "$place/root$volume"; fi
mount -t proc proc proc
mount --rbind /dev dev
mount --rbind /sys sys
exec chroot . setpriv --bounding-set=${CAPABILITIES} /bin/sh -c "$first" "$@"
`;

export interface ContainerPlace extends AgentPlace {
  /** Returns the path at which this process reaches the container's filesystem, which a neighbour would share. */
  diskPath(): string;
  /** Makes the filesystem read-only while it is in use, as the kernel does after an error. */
  breakDisk(): void;
  remove(): Promise<void>;
}

/** Returns why no container can be made here, or undefined. */
export function whyNoContainer(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = lacking('tini', existsSync(TINI), 'tini');
  if (missing !== undefined) return missing;
  const place = mkdtempSync('/var/tmp/wip-try-');
  try {
    mkdirSync(join(place, 'disk'));
    makeDisk(join(place, 'disk.img'), { diskBytes: 4 * 1024 * 1024 });
    const mounts = `mount --make-rprivate / && mount -o loop ${place}/disk.img ${place}/disk && mount -t proc proc /proc`;
    const tried = spawnSync('unshare', ['--mount', '--pid', '--fork', 'sh', '-c', mounts], { encoding: 'utf8' });
    return tried.status === 0 ? undefined : `needs a machine that allows mounts: ${tried.stderr.trim()}`;
  } finally {
    rmSync(place, { recursive: true });
  }
}

/**
 * A container without an engine: PID and mount namespaces, an overlay over this machine's files on an ext4 of its own
 * (as Fargate has it), and tini. The network stays this machine's.
 */
export function createContainerPlace(options: AgentContainerOptions = {}): ContainerPlace {
  const place = mkdtempSync(join(options.parent ?? '/var/tmp', 'wip-container-'));
  for (const name of ['disk', 'root', 'image']) mkdirSync(join(place, name));
  makeDisk(join(place, 'disk.img'), options);
  writeFileSync(join(place, 'config.ini'), configText(options.config ?? ''));
  const { supplementaryGroup: extra } = options;
  writeFileSync(join(place, 'group'), `local:x:12345:\n${extra === undefined ? '' : `extra:x:${extra}:local\n`}`);
  const groups = whyNoGroups() === undefined ? makeGroups(options) : [];
  const enter = [...groups.map((group) => `echo $$ >${group}/cgroup.procs`), ENTER].join('\n');
  let unsharePid = 0;
  const initPid = (): number => childrenOf(unsharePid)[0] ?? 0;
  return {
    environment: { TMPDIR: '/tmp' },
    command: (agent) => {
      const [first, ...argv] = firstProgram(options, agent);
      const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--', '/bin/sh', '-ec', enter, 'enter'];
      const image = options.imageFiles?.join(' ') ?? '';
      return ['unshare', ...namespaces, place, SCRATCH, options.volume ?? '', image, first, ...argv];
    },
    started: (pid) => void (unsharePid = pid),
    outside: (path) => `/proc/${initPid()}/root${path}`,
    agentPid: () => (options.init === 'agent' ? initPid() : (ownChildrenOf(initPid()).at(-1) ?? 0)),
    diskPath: () => `/proc/${unsharePid}/root${place}/disk`,
    breakDisk() {
      const disk = ['mount', '-o', 'remount,abort', join(place, 'disk')];
      execFileSync('nsenter', [`--mount=/proc/${unsharePid}/ns/mnt`, ...disk]);
    },
    async remove() {
      rmSync(place, { recursive: true, force: true });
      for (const group of groups) await eventually(`the removal of ${group}`, () => isRemoved(group));
    },
  };
}

/** Returns the arguments of `sh -c`: a line that becomes process 1, and its arguments. */
function firstProgram({ init, script }: AgentContainerOptions, agent: readonly string[]): [string, ...string[]] {
  if (init === 'script') return [script ?? '', 'init', ...agent];
  if (init === 'agent') return ['exec "$@"', 'init', ...agent];
  return ['exec "$@"', 'init', TINI, '-s', '--', ...agent];
}

function configText(more: string): string {
  const sections = { ssh: 'port = 0', workload: 'user = local' };
  const own = Object.entries(sections).filter(([name]) => !more.includes(`[${name}]`));
  return `${more}\n${own.map(([name, line]) => `[${name}]\n${line}\n`).join('')}`;
}

function makeDisk(image: string, { diskBytes = 256 * 1024 * 1024, diskInodes }: AgentContainerOptions): void {
  execFileSync('truncate', ['-s', String(diskBytes), image]);
  const inodes = diskInodes === undefined ? [] : ['-N', String(diskInodes)];
  execFileSync('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', ...inodes, image]);
}

/** Removes a cgroup. Returns false while the kernel keeps it busy, for a moment after its last process was killed. */
function isRemoved(group: string): boolean {
  try {
    if (existsSync(group)) rmdirSync(group);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EBUSY') return false;
    throw error;
  }
}

/** Makes cgroups of version 1, with a path that the agent finds in /proc/self/cgroup. */
function makeGroups({ memoryBytes }: AgentContainerOptions): string[] {
  const memory = mkdtempSync(`${MEMORY_GROUPS}/wip-test-`);
  if (memoryBytes !== undefined) writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryBytes));
  return [memory, mkdtempSync(`${CPU_GROUPS}/wip-test-`)];
}

/** Returns why a container has no memory limit and no figures of its own here, or undefined. */
export function whyNoGroups(): string | undefined {
  try {
    for (const groups of [MEMORY_GROUPS, CPU_GROUPS]) rmdirSync(mkdtempSync(`${groups}/wip-try-`));
    return undefined;
  } catch {
    return 'needs cgroup v1 with memory and cpuacct that may be written';
  }
}
