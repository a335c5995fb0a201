/** How long a Retry-After asks to wait: seconds or an HTTP date (RFC 9110, 10.2.3). Anything else is as if it were not there. */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  if (Number.isNaN(date)) return undefined;
  return Math.max(date - now.getTime(), 0);
}
