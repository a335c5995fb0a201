/** A time in which something fails, in seconds since the launch. Without `lasts` it does not end. */
interface OutageTime {
  readonly from: number;
  readonly lasts?: number | undefined;
}

/** Returns the outage at this time; undefined: there is none. */
export function outageAt<T extends OutageTime>(outages: readonly T[], seconds: number): T | undefined {
  return outages.find(({ from, lasts = Infinity }) => seconds >= from && seconds < from + lasts);
}

/** Returns the first time from this one on that is in no outage; null: there is none. */
export function afterOutages(outages: readonly OutageTime[], seconds: number): number | null {
  for (let at = seconds; ;) {
    const outage = outageAt(outages, at);
    if (!outage) return at;
    if (outage.lasts === undefined) return null;
    at = outage.from + outage.lasts;
  }
}
