import { readFileSync } from 'node:fs';

/** Figures that the kernel has counted for the container. Unknown is null, never 0. */
export interface CgroupFigures {
  readonly cpuSeconds: number | null;
  /** In use now, without the page cache that the kernel would give back at once. */
  readonly memoryBytes: number | null;
  readonly oomKills: number | null;
}

export const NO_FIGURES: CgroupFigures = { cpuSeconds: null, memoryBytes: null, oomKills: null };

export type ReadText = (path: string) => string | undefined;

export const readTextFile: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The file is not there or not readable: the figure is unknown.
    return undefined;
  }
};

const ROOT = '/sys/fs/cgroup';

/**
 * Reads cgroup v2 where it is, v1 otherwise. In a container with its own cgroup namespace the path in
 * /proc/self/cgroup is `/`; without one the path is that of the host, which the container may not see: then its own
 * group is mounted at the top.
 */
export function readCgroup(read: ReadText = readTextFile): CgroupFigures {
  const groups = read('/proc/self/cgroup') ?? '';
  const unified = /^0::(.*)$/m.exec(groups)?.[1];
  if (unified !== undefined && read(`${ROOT}/cgroup.controllers`) !== undefined) return readV2(read, unified);
  return readV1(read, groups);
}

function readV2(read: ReadText, path: string): CgroupFigures {
  const file = (name: string): string | undefined => read(`${ROOT}${path}/${name}`) ?? read(`${ROOT}/${name}`);
  const cpuMicroseconds = field(file('cpu.stat'), 'usage_usec');
  return {
    cpuSeconds: cpuMicroseconds === null ? null : cpuMicroseconds / 1e6,
    memoryBytes: inUse(whole(file('memory.current')), field(file('memory.stat'), 'inactive_file')),
    oomKills: field(file('memory.events'), 'oom_kill'),
  };
}

function readV1(read: ReadText, groups: string): CgroupFigures {
  const file = (controller: string, name: string): string | undefined => {
    const path = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm').exec(groups)?.[1];
    return (
      (path === undefined ? undefined : read(`${ROOT}/${controller}${path}/${name}`)) ??
      read(`${ROOT}/${controller}/${name}`)
    );
  };
  const cpuNanoseconds = whole(file('cpuacct', 'cpuacct.usage'));
  return {
    cpuSeconds: cpuNanoseconds === null ? null : cpuNanoseconds / 1e9,
    memoryBytes: inUse(
      whole(file('memory', 'memory.usage_in_bytes')),
      field(file('memory', 'memory.stat'), 'total_inactive_file'),
    ),
    oomKills: field(file('memory', 'memory.oom_control'), 'oom_kill'),
  };
}

function inUse(usage: number | null, inactiveFile: number | null): number | null {
  return usage === null || inactiveFile === null ? null : Math.max(0, usage - inactiveFile);
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : null;
}

function field(text: string | undefined, name: string): number | null {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

/** Bytes over all interfaces but loopback, from the text of /proc/net/dev. */
export function networkBytes(text: string | undefined): { rx: number; tx: number } | null {
  if (text === undefined) return null;
  const total = { rx: 0, tx: 0 };
  for (const line of text.split('\n')) {
    const [name, figures] = line.split(':');
    const columns = (figures ?? '').trim().split(/\s+/).map(Number);
    if (figures === undefined || name?.trim() === 'lo' || columns.length < 9) continue;
    total.rx += columns[0] ?? 0;
    total.tx += columns[8] ?? 0;
  }
  return total;
}
