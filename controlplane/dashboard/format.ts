// Numbers and instants as people read them. Unknown is a dash, never 0; the space before a unit does not break.
const UNKNOWN = '–';
const NBSP = '\u00a0';

const DAY = 86_400;
const HOUR = 3_600;
const MINUTE = 60;

/** Below a minute with a tenth: `31.0 s`, `4 m 02 s`, `1 h 00 m`, `6 d 4 h`. */
export function showSeconds(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return UNKNOWN;
  const rounded = Math.max(0, Math.round(seconds * 10) / 10);
  return rounded < MINUTE ? `${rounded.toFixed(1)}${NBSP}s` : formatLong(Math.round(seconds));
}

/** For what should take no time: `12 ms`, and from a second on as `showSeconds`. */
export function showLatency(seconds: number | null): string {
  if (seconds === null || !(seconds < 1)) return showSeconds(seconds);
  return `${Math.max(0, Math.round(seconds * 1000))}${NBSP}ms`;
}

/** Whole seconds, for what goes on counting: `12 s`, `1 m 22 s`. */
export function showAge(milliseconds: number | null): string {
  if (milliseconds === null || !Number.isFinite(milliseconds)) return UNKNOWN;
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return seconds < MINUTE ? `${seconds}${NBSP}s` : formatLong(seconds);
}

function formatLong(seconds: number): string {
  if (seconds < HOUR) return pair(seconds, MINUTE, 'm', 1, 's');
  if (seconds < DAY) return pair(seconds, HOUR, 'h', MINUTE, 'm');
  const days = Math.floor(seconds / DAY);
  return `${days}${NBSP}d${NBSP}${Math.floor((seconds % DAY) / HOUR)}${NBSP}h`;
}

function pair(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = String(Math.floor((seconds % large) / small)).padStart(2, '0');
  return `${Math.floor(seconds / large)}${NBSP}${largeUnit}${NBSP}${rest}${NBSP}${smallUnit}`;
}

/** In powers of ten, as limits are given: `4.8 MB`. */
export function showBytes(bytes: number | null, decimals = 1): string {
  if (bytes === null || !Number.isFinite(bytes)) return UNKNOWN;
  if (bytes < 1_000) return `${Math.round(bytes)}${NBSP}B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  // What would be rounded to a thousand of one unit is one of the next.
  const isNext = power < units.length && Number((bytes / 1000 ** power).toFixed(decimals)) >= 1000;
  const shown = isNext ? power + 1 : power;
  return `${(bytes / 1000 ** shown).toFixed(decimals)}${NBSP}${units[shown - 1]}`;
}

/** Bytes differ within nine decimals of a gigabyte. */
const MAX_DECIMALS = 9;

/** `0.4 GB of 1.0 GB`; with as many decimals as tell a value from a limit that it has just exceeded. */
export function showBytesOf(bytes: number | null, limit: number | null): string {
  if (limit === null) return showBytes(bytes);
  let decimals = 1;
  const show = (value: number | null): string => showBytes(value, decimals);
  while (bytes !== limit && decimals < MAX_DECIMALS && show(bytes) === show(limit)) decimals += 1;
  return `${show(bytes)} of ${show(limit)}`;
}

export function showCount(count: number | null): string {
  return count === null ? UNKNOWN : count.toLocaleString('en');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${showCount(count)} ${count === 1 ? one : many}`;
}

/** Local time of day, `14:29:58`. */
export function showClock(instant: string | number | null): string {
  if (instant === null) return UNKNOWN;
  const date = new Date(instant);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** The time of day when it is today's, else the day: `14:29:58`, `12 Nov 14:29`. */
export function showInstant(instant: string | null, nowMs: number): string {
  if (instant === null) return UNKNOWN;
  const date = new Date(instant);
  if (date.toDateString() === new Date(nowMs).toDateString()) return showClock(instant);
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }).replace(' ', NBSP);
  return `${day}${NBSP}${showClock(instant).slice(0, 5)}`;
}

/** Seconds between two instants; null when either is not known. */
export function secondsFromTo(from: string | null, to: string | number | null): number | null {
  return from === null || to === null ? null : (new Date(to).getTime() - Date.parse(from)) / 1000;
}

/** How many tasks of a group run, and of how many: a group that starts none has no "0 of 0". */
export function showRunning({
  running,
  maxRunning,
}: {
  readonly running: number;
  readonly maxRunning: number;
}): string {
  if (maxRunning > 0) return `${running} of ${maxRunning}`;
  return running === 0 ? 'none may run' : `${running}, no more may start`;
}
