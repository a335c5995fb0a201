/**
 * Returns how long a Retry-After asks to wait: seconds or an HTTP date (RFC 9110, 10.2.3). Other text counts as no
 * header.
 */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  if (Number.isNaN(date)) return undefined;
  return Math.max(date - now.getTime(), 0);
}
