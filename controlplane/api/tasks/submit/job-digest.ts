import { createHmac } from 'node:crypto';

/** A task as it was ordered, before defaults are applied. */
export interface TaskOrder {
  readonly kind: string;
  readonly title?: string;
  readonly group?: string;
  readonly priority?: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A keyed digest of each part of an order, by the part's name. */
export type JobDigest = Readonly<Record<string, string>>;

/**
 * Digests the order as it was sent, because a later version may have other defaults. The digest is keyed, because an option may
 * be a secret that somebody could guess and compare. `key` is secret and stays the same for the life of the installation: with
 * another one a repeated order would look like a different one.
 */
export function digestJob(key: string, task: TaskOrder): JobDigest {
  const { kind, title, group, priority, options } = task;
  const parts: [string, unknown][] = Object.entries({ kind, title, group, priority });
  for (const [name, value] of Object.entries(options)) parts.push([`options.${name}`, value]);
  const digest = (name: string, value: unknown): string =>
    createHmac('sha256', key)
      .update(`wip-job:${name}:${canonical(value)}`)
      .digest('base64url');
  return Object.fromEntries(
    parts.filter(([, value]) => value !== undefined).map(([name, value]) => [name, digest(name, value)]),
  );
}

/** Returns the names of the parts in which two orders differ. */
export function differingParts(one: JobDigest, other: JobDigest): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => one[name] !== other[name]).sort();
}

/** Returns JSON with sorted keys, so that the same order has the same digest whichever program sent it. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
