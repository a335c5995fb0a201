import type { IncomingMessage } from 'node:http';
import { isLoopbackAddress, isLoopbackHost } from './loopback.ts';
import { parseRequestTarget } from './request-target.ts';

// A web page can make its visitor's browser call a server on the visitor's own machine: by resolving the page's own host name to
// 127.0.0.1 (DNS rebinding), which the header Host reveals, or by a cross-site request, which the header Origin reveals.

export interface AcceptedCallers {
  /** The address of this server that people and proxies use; null: only its own. */
  readonly publicUrl: string | null;
  /** Further names, each alone or with a port. `*` accepts every Host. */
  readonly hosts: readonly string[];
}

export interface CallerRefusal {
  readonly kind: 'host' | 'origin';
  /** The header as it arrived; empty when it was missing. */
  readonly value: string;
}

type Request = Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'headers' | 'rawHeaders' | 'socket'>;

interface Authority {
  readonly host: string;
  readonly port: string;
}

/** Long enough for the longest DNS name and a port. Neither contains control characters or blanks. */
const AUTHORITY = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(\d{1,5}))?$/i;

/**
 * Returns why a request must not be answered, or null. Host is checked only on connections over a loopback address: elsewhere
 * proxies and health checks use names that this program does not know, and every access needs a token. A missing Host is
 * accepted, because every browser sends it, but health checks of load balancers with HTTP/1.0 do not. Origin, which only browsers
 * send, is always checked.
 */
export function refuseCaller(request: Request, accepted: AcceptedCallers): CallerRefusal | null {
  const named = authoritiesOf(request);
  if (isLoopbackAddress(request.socket.localAddress ?? '')) {
    const stranger = named.find((text) => !isOwnAuthority(text, String(request.socket.localPort), accepted));
    const isNameless = named.length === 0 && request.httpVersion !== '1.0';
    if (stranger !== undefined || isNameless) return { kind: 'host', value: stranger ?? '' };
  }
  const { origin } = request.headers;
  if (origin === undefined || isOwnOrigin(origin, named, accepted)) return null;
  return { kind: 'origin', value: origin };
}

/** Returns the authority of a target in absolute form, which replaces Host (RFC 9112, 3.2.2), or those of all Host headers. */
function authoritiesOf({ method, url = '', rawHeaders }: Request): string[] {
  const hosts = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'host');
  const target = parseRequestTarget(method, url);
  if (target.kind === 'none') return [...hosts, url];
  return target.authority === null ? hosts : [target.authority];
}

function isOwnAuthority(text: string, localPort: string, accepted: AcceptedCallers): boolean {
  const authority = parseAuthority(text);
  if (!authority) return false;
  if (isLoopbackHost(authority.host) && (authority.port || '80') === localPort) return true;
  return isConfigured(authority, accepted);
}

function isConfigured(authority: Authority, { publicUrl, hosts }: AcceptedCallers): boolean {
  // The port is not compared: proxies pass on the port of the public address, their own port, or no port.
  if (publicUrl !== null && URL.parse(publicUrl)?.hostname === authority.host) return true;
  return hosts.some((allowed) => {
    if (allowed === '*') return true;
    const { host, port } = parseAuthority(allowed) ?? { host: '', port: '' };
    return host === authority.host && (port === '' || port === authority.port);
  });
}

/** Returns whether the origin is that of a page served by this server, its public address, or a configured name. */
function isOwnOrigin(origin: string, named: readonly string[], accepted: AcceptedCallers): boolean {
  const url = URL.parse(origin);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  const own = parseAuthority(url.host);
  if (!own) return false;
  const isSameHost = named.some((text) => {
    const { host, port } = parseAuthority(text) ?? { host: '', port: '' };
    return host === own.host && (port === own.port || (own.port === '' && port === defaultPort(url)));
  });
  const hosts = accepted.hosts.filter((host) => host !== '*');
  const isPublic = accepted.publicUrl !== null && url.origin === URL.parse(accepted.publicUrl)?.origin;
  return isSameHost || isPublic || isConfigured(own, { publicUrl: null, hosts });
}

function defaultPort(url: URL): string {
  return url.protocol === 'https:' ? '443' : '80';
}

function parseAuthority(text: string): Authority | null {
  const [, host, port = ''] = AUTHORITY.exec(text) ?? [];
  return host === undefined ? null : { host: host.toLowerCase(), port };
}
