import { messageOf } from '../../../shared/model/error.ts';

/** Returns why fetch failed, on one line. It throws "fetch failed" or "terminated", and keeps the reason in its cause. */
export function failureReason(failure: unknown): string {
  const reason = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure;
  return tlsReason(reason) ?? messageOf(reason).replace(/\s+/g, ' ').trim();
}

/** The message of an OpenSSL error consists of positions in OpenSSL's source; its reason is in a field of its own. */
function tlsReason(error: unknown): string | null {
  if (!(error instanceof Error) || !('library' in error) || !('reason' in error)) return null;
  const words = String(error.reason);
  const isNoTls = /wrong version number|packet length too long|http request/.test(words);
  return `TLS failed with "${words}"${isNoTls ? '; the address of a server without TLS begins with http://' : ''}`;
}
