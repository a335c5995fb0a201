// Filesystems that hold no files of a build, or only in memory.
const NOT_DISKS = new Set([
  'proc',
  'sysfs',
  'devpts',
  'devtmpfs',
  'tmpfs',
  'mqueue',
  'cgroup',
  'cgroup2',
  'securityfs',
  'debugfs',
  'tracefs',
  'bpf',
  'pstore',
  'hugetlbfs',
  'fusectl',
  'configfs',
  'nsfs',
  'ramfs',
]);

// Single files of the host are mounted into every container; they take no new files.
const SINGLE_FILES = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']);

interface Mount {
  readonly device: string;
  readonly point: string;
  readonly isWritable: boolean;
  readonly type: string;
}

/** One line of /proc/self/mountinfo (proc(5)); `major:minor` names the device. */
function parseMount(line: string): Mount[] {
  const [left = '', right = ''] = line.split(' - ');
  const [, , device, , point, options = ''] = left.split(' ');
  if (device === undefined || point === undefined) return [];
  return [{ device, point, isWritable: options.split(',').includes('rw'), type: right.split(' ')[0] ?? '' }];
}

/** Writable mounts that lie on none of the devices of the measured paths: what is written there is not counted. */
export function uncoveredMounts(mountinfo: string, paths: readonly string[]): string[] {
  const mounts = mountinfo.split('\n').flatMap(parseMount);
  const covered = new Set(paths.map((path) => deviceOf(path, mounts)));
  return mounts
    .filter((mount) => mount.isWritable && !NOT_DISKS.has(mount.type))
    .filter((mount) => !covered.has(mount.device) && !SINGLE_FILES.has(mount.point))
    .map((mount) => mount.point);
}

/** The mount with the longest point above the path; of several on one point the last one is on top. */
function deviceOf(path: string, mounts: readonly Mount[]): string | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const isAbove = mount.point === '/' || path === mount.point || path.startsWith(`${mount.point}/`);
    if (isAbove && mount.point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best?.device;
}
