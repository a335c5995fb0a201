/** Codes of waits for capacity: others end by themselves, these need nobody. */
export const CAPACITY_CODES: ReadonlySet<string> = new Set(['no-capacity', 'host-agent-disconnected', 'quota-reached']);

// IAM and STS take some seconds until a change holds everywhere, so a denial counts after this time (ours).
export const LASTING_SECONDS = 60;

/**
 * Returns how grave it is that tasks wait to be launched. `alarm`: somebody has to correct the cluster, or its
 * credentials; `notice`: it lacks room, or the reason is too young.
 */
export function judgeLaunchBlock({ code, seconds }: { readonly code: string; readonly seconds: number }) {
  return !CAPACITY_CODES.has(code) && seconds >= LASTING_SECONDS ? 'alarm' : 'notice';
}
