import type { DefinitionFinding, JudgedDefinition } from './definition-finding.ts';

// Members of a definition whose values are a closed list in the Amazon ECS API reference. `*` stands for each of a list.

const CAPABILITIES = [
  ...['ALL', 'AUDIT_CONTROL', 'AUDIT_WRITE', 'BLOCK_SUSPEND', 'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER'],
  ...['FSETID', 'IPC_LOCK', 'IPC_OWNER', 'KILL', 'LEASE', 'LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'MKNOD'],
  ...['NET_ADMIN', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_RAW', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID'],
  ...['SYS_ADMIN', 'SYS_BOOT', 'SYS_CHROOT', 'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'SYSLOG', 'WAKE_ALARM'],
];
const MOUNT_OPTIONS = [
  ...['defaults', 'ro', 'rw', 'suid', 'nosuid', 'dev', 'nodev', 'exec', 'noexec', 'sync', 'async', 'dirsync'],
  ...['remount', 'mand', 'nomand', 'atime', 'noatime', 'diratime', 'nodiratime', 'bind', 'rbind', 'unbindable'],
  ...['runbindable', 'private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'relatime', 'norelatime'],
  ...['strictatime', 'nostrictatime', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'],
];
const WINDOWS = ['2016_FULL', '2019_FULL', '2019_CORE', '2004_CORE', '20H2_CORE', '2022_FULL', '2022_CORE'];
const SYSTEMS = ['LINUX', ...[...WINDOWS, '2025_FULL', '2025_CORE'].map((name) => `WINDOWS_SERVER_${name}`)];

const CHOICES: readonly (readonly [path: string, allowed: readonly string[]])[] = [
  ['containerDefinitions.*.versionConsistency', ['enabled', 'disabled']],
  ['containerDefinitions.*.portMappings.*.appProtocol', ['http', 'http2', 'grpc']],
  ['containerDefinitions.*.linuxParameters.devices.*.permissions.*', ['read', 'write', 'mknod']],
  ['containerDefinitions.*.linuxParameters.capabilities.add.*', CAPABILITIES],
  ['containerDefinitions.*.linuxParameters.capabilities.drop.*', CAPABILITIES],
  ['containerDefinitions.*.linuxParameters.tmpfs.*.mountOptions.*', MOUNT_OPTIONS],
  ['containerDefinitions.*.environmentFiles.*.type', ['s3']],
  ['containerDefinitions.*.firelensConfiguration.type', ['fluentd', 'fluentbit']],
  ['placementConstraints.*.type', ['memberOf']],
  ['proxyConfiguration.type', ['APPMESH']],
  ['runtimePlatform.cpuArchitecture', ['X86_64', 'ARM64']],
  ['runtimePlatform.operatingSystemFamily', SYSTEMS],
];

/** Returns everything for which ECS would refuse a value because it is none of a list. */
export function findChoiceFaults(definition: JudgedDefinition): DefinitionFinding[] {
  return CHOICES.flatMap(([path, allowed]) =>
    valuesAt(definition, path.split('.')).flatMap(({ at, value }): DefinitionFinding[] => {
      // A mount option may have a value of its own, such as mode=755.
      const given = typeof value === 'string' && allowed === MOUNT_OPTIONS ? value.replace(/=.*$/, '') : value;
      if (typeof given !== 'string' || allowed.includes(given)) return [];
      const name = String(at.findLast((part) => typeof part === 'string'));
      const sentence = `${name} should be one of [${allowed.join(',')}]`;
      return [{ path: at, sentence, remedy: `Set it to one of ${allowed.join(', ')}` }];
    }),
  );
}

interface Found {
  readonly at: DefinitionFinding['path'];
  readonly value: unknown;
}

function valuesAt(value: unknown, path: readonly string[], at: DefinitionFinding['path'] = []): Found[] {
  const [name, ...rest] = path;
  if (name === undefined) return value === undefined || value === null ? [] : [{ at, value }];
  if (name === '*') {
    return Array.isArray(value) ? value.flatMap((each: unknown, index) => valuesAt(each, rest, [...at, index])) : [];
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
  return valuesAt(Reflect.get(value, name), rest, [...at, name]);
}
