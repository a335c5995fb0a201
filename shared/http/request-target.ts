/** The target of a request line (RFC 9112, 3.2). */
export type RequestTarget =
  /** A path on this server. `authority` is that of a target in absolute form, and replaces Host. */
  | { readonly kind: 'path'; readonly pathAndQuery: string; readonly authority: string | null }
  /** The server as a whole: `OPTIONS *`. */
  | { readonly kind: 'server'; readonly authority: string | null }
  /** None of the forms that a request with this method can have. */
  | { readonly kind: 'none' };

// Scheme and host as RFC 9110 (4.2) has them: a name and password in front of the host are an error.
const ABSOLUTE_FORM = /^https?:\/\/([^/?#@]+)([/?].*)?$/is;

/** `url` is the target as it came: Node's `request.url`. */
export function parseRequestTarget(method: string | undefined, url: string | undefined = ''): RequestTarget {
  const isOptions = method === 'OPTIONS';
  if (url.startsWith('/')) return { kind: 'path', pathAndQuery: url, authority: null };
  if (url === '*') return isOptions ? { kind: 'server', authority: null } : { kind: 'none' };
  const [, authority, rest = ''] = ABSOLUTE_FORM.exec(url) ?? [];
  if (authority === undefined) return { kind: 'none' };
  // RFC 9112, 3.2.4: the last proxy would have sent `*` for it.
  if (isOptions && rest === '') return { kind: 'server', authority };
  return { kind: 'path', pathAndQuery: rest.startsWith('/') ? rest : `/${rest}`, authority };
}
