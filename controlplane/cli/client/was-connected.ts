/** Calls of the system, and of Node, that come before a connection. */
const BEFORE = new Set(['connect', 'getaddrinfo', 'bind', 'open', 'socket']);
// Of undici, and of Node's TLS, whose handshake comes before the request.
const CODES =
  /^(UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_INVALID_URL|ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * Returns whether a request that failed had a connection, so that the server may have read it. What is not known to come
 * before that counts as after it: a change that was made must not be called impossible. What fetch refuses by itself, such as
 * a port of its list or a redirect, has neither a code nor a call.
 */
export function wasConnected(failure: unknown): boolean {
  const told = causesOf(failure).filter(({ code, syscall }) => code !== undefined || syscall !== undefined);
  return told.length > 0 && !told.some(isBefore);
}

function isBefore({ syscall, code }: SystemCause): boolean {
  return (syscall !== undefined && BEFORE.has(syscall)) || (code !== undefined && CODES.test(code));
}

interface SystemCause {
  readonly code?: string | undefined;
  readonly syscall?: string | undefined;
}

/** The causes of an error, each below the one before, and of a name with several addresses those of each. */
function causesOf(failure: unknown, depth = 4): SystemCause[] {
  if (!(failure instanceof Error) || depth === 0) return [];
  const several: readonly unknown[] = failure instanceof AggregateError ? failure.errors : [];
  return [ownCause(failure), ...[failure.cause, ...several].flatMap((one) => causesOf(one, depth - 1))];
}

function ownCause(failure: Error): SystemCause {
  const text = (name: 'code' | 'syscall'): string | undefined => {
    const value: unknown = Object.entries(failure).find(([key]) => key === name)?.[1];
    return typeof value === 'string' ? value : undefined;
  };
  return { code: text('code'), syscall: text('syscall') };
}
