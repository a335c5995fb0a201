// Pools of 16, three nodes in the tests, and room to look around.
const LEAST_CONNECTIONS = 60;
// psql, a dump, autovacuum's workers and those that PostgreSQL reserves for its superuser.
const SPARE_CONNECTIONS = 20;

// fsync and synchronous_commit stay on: an acknowledged signal survives the power going out. The rest makes a small
// server answer soon. Each value differs from PostgreSQL 18's default for the reason beside it.
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  cluster_name: 'wip',
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '64MB', // the working set is some thousand short rows; the system caches the rest
  wal_level: 'minimal', // nobody replicates from it
  max_wal_senders: '0',
  max_wal_size: '512MB', // fewer checkpoints while many builds write output
  jit: 'off', // compiling a query costs more than any of ours takes
  max_parallel_workers_per_gather: '0', // as above
  autovacuum_naptime: '15s', // queue rows change all the time; dead versions make claims slow
  io_method: 'sync', // no helper processes for reads that come from memory
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  password_encryption: 'scram-sha-256',
};

/** For data that nobody needs after a crash of the machine: nothing waits for the disk. */
const TEMPORARY: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

interface ServerChoices {
  /**
   * Absolute. Clients there take a tenth less of the processor than over loopback. Null: the server has no socket, and
   * its clients take loopback, with the same password.
   */
  readonly socketDirectory: string | null;
  /** How many its owner opens at most. */
  readonly connections: number;
  readonly isTemporary: boolean;
}

export function settingArguments({ socketDirectory, connections, isTemporary }: ServerChoices): string[] {
  const most = Math.max(LEAST_CONNECTIONS, connections + SPARE_CONNECTIONS);
  const settings = {
    ...SETTINGS,
    ...(isTemporary && TEMPORARY),
    max_connections: String(most),
    // A list: quotes let a comma stand in a path.
    unix_socket_directories: socketDirectory === null ? '' : `"${socketDirectory.replaceAll('"', '""')}"`,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
