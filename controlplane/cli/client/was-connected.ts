/** System calls, and calls of Node, that fail before a connection exists. */
const BEFORE = new Set(['connect', 'getaddrinfo', 'bind', 'open', 'socket']);
// Error codes of undici and of Node's TLS that occur before the request is sent.
const CODES =
  /^(UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_INVALID_URL|ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * Returns whether a failed request had a connection, so that the server may have read it. An unknown failure counts as one after
 * the connection: people must not be told that nothing was changed when something was. Requests that fetch itself refuses, for a
 * blocked port or a redirect, have neither a code nor a system call.
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

/** Returns an error and its causes, from the outside to the inside; of a host with several addresses, the errors of each address. */
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
