/** What stands behind a number means so many: units of cpu of a vCPU, MiB of a GB. */
const LARGE = 1024;

/**
 * Returns the cpu units, or the MiB, of a whole task: ECS takes `1024`, `1 vCPU` and `2 GB`. NaN for anything else.
 */
export function sizeOf(text: string): number {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*(vcpu|gb)?\s*$/i.exec(text) ?? [];
  return Number(amount ?? Number.NaN) * (unit === undefined ? 1 : LARGE);
}
