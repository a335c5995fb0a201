/** Disk limits are decimal gigabytes everywhere: in config.ini, in WORKLOAD_MAX_DISK, in texts. */
export const BYTES_PER_GB = 1_000_000_000;

export function gigabytes(bytes: number): number {
  return bytes / BYTES_PER_GB;
}

/**
 * `10.4 GB`; below one gigabyte two significant digits (`0.053 GB`), because otherwise a limit and the value that exceeded it
 * could read the same; below a megabyte `0.0 GB`.
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

/** Enough decimals to distinguish single bytes in gigabytes, and more than any clock has. */
const MAX_DECIMALS = 9;

type Texts<T extends readonly number[]> = { readonly [Key in keyof T]: string };

/**
 * Prints numbers that a reader compares, with as many decimals as are needed to make different numbers read differently. "1.0 GB
 * of 1.0 GB" would not say why a limit was exceeded.
 */
function printApart<const T extends readonly number[]>(
  values: T,
  print: (value: number) => string,
  printExactly: (value: number, decimals: number) => string,
): Texts<T> {
  const different = new Set(values).size;
  const areApart = (texts: readonly string[]): boolean => new Set(texts).size === different;
  let texts = values.map(print);
  for (let decimals = 0; !areApart(texts) && decimals <= MAX_DECIMALS; decimals += 1)
    texts = values.map((value) => printExactly(value, decimals));
  return texts as unknown as Texts<T>;
}

/** `1.03 GB` and `1.02 GB`. */
export function formatGigabytesApart<const T extends readonly number[]>(...bytes: T): Texts<T> {
  return printApart(bytes, formatGigabytes, (value, decimals) => {
    const text = gigabytes(value).toFixed(decimals);
    return `${Number(text) % 1 === 0 ? Number(text).toFixed(1) : Number(text)} GB`;
  });
}

/** `512.3 MB` and `512 MB`. */
export function formatBytesApart<const T extends readonly number[]>(...bytes: T): Texts<T> {
  const divisor = Math.max(...bytes) >= BYTES_PER_GB ? BYTES_PER_GB : 1_000_000;
  const unit = divisor === BYTES_PER_GB ? 'GB' : 'MB';
  return printApart(bytes, formatBytes, (value, decimals) => `${Number((value / divisor).toFixed(decimals))} ${unit}`);
}

/** `1.53 s` and `1.5 s`: rounded to the same number of decimals, without trailing zeros. */
export function formatSecondsApart<const T extends readonly number[]>(...seconds: T): Texts<T> {
  return printApart(seconds, formatSeconds, (value, decimals) => `${Number(value.toFixed(decimals))} s`);
}
