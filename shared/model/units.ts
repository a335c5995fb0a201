/** Disk limits are decimal gigabytes everywhere: in config.ini, in WORKLOAD_MAX_DISK, in texts. */
export const BYTES_PER_GB = 1_000_000_000;

export function gigabytes(bytes: number): number {
  return bytes / BYTES_PER_GB;
}

/**
 * `10.4 GB`; below one gigabyte two digits that count (`0.053 GB`), because there a limit and what exceeded it would
 * read the same; below a megabyte `0.0 GB`.
 */
export function formatGigabytes(bytes: number): string {
  const value = gigabytes(bytes);
  if (value >= 1 || value < 0.001) return `${value.toFixed(1)} GB`;
  return `${Number(value.toPrecision(2))} GB`;
}

/** `512 MB`, `1.5 GB`: memory as people compare it with a limit, in decimal units like the disk. */
export function formatBytes(bytes: number): string {
  if (bytes >= BYTES_PER_GB) return formatGigabytes(bytes);
  if (bytes >= 1_000_000) return `${Math.round(bytes / 1_000_000)} MB`;
  if (bytes >= 1_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${bytes} B`;
}

/** `1 h 2 min`, `3 min 20 s`, `4.2 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
