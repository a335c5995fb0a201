// Finds the machine to which git would connect for an address. A text that two programs could read differently is not accepted as
// an address.

export type RepositoryAddress =
  | { readonly kind: 'local' }
  | { readonly kind: 'host'; readonly scheme: string; readonly host: string; readonly port: number }
  | { readonly kind: 'refused'; readonly why: string };

/** Port of each scheme that names a machine. Others (`ext::`, `fd::` and more) run a program that the address names. */
const PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  ssh: 22,
  'git+ssh': 22,
  'ssh+git': 22,
  git: 9418,
};

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)/i;
const HELPER = /^[a-z0-9][a-z0-9+.-]*::/i;
/** At most one user, and no percent code, backslash, `?` or `#`, which curl, ssh and browsers interpret differently. */
const AUTHORITY = /^(?:[^@/\\?#\s]*@)?(\[[0-9a-f:.]+\]|[^@:/\\?#%\s[\]]+)(?::([0-9]{1,5})?)?$/i;

export function parseRepositoryAddress(address: string): RepositoryAddress {
  if (HELPER.test(address)) return refused('it names a program (a remote helper), not a repository');
  const url = SCHEME.exec(address);
  if (url) return urlAddress(url[1]!.toLowerCase(), url[2]!);
  const colon = colonOfHost(address);
  if (colon < 0) return { kind: 'local' };
  return authority('ssh', scpAuthority(address.slice(0, colon)));
}

function urlAddress(scheme: string, text: string): RepositoryAddress {
  if (scheme === 'file') return { kind: 'local' };
  if (!Object.hasOwn(PORTS, scheme)) return refused(`git is not to use "${scheme}"; use https or ssh`);
  return authority(scheme, text);
}

/** The rule of git: `[user@]host:path` has no slash before its colon, and an IPv6 address is in brackets. */
function colonOfHost(address: string): number {
  const bracket = /^(?:[^@/:[\]]*@)?\[[^\]/]*\]:/.exec(address);
  if (bracket) return bracket[0].length - 1;
  const colon = address.indexOf(':');
  const slash = address.indexOf('/');
  return colon >= 0 && (slash < 0 || colon < slash) ? colon : -1;
}

/** `[host:port]:path` is another way to name a port; `[::1]:path` is not. */
function scpAuthority(text: string): string {
  return text.replace(/\[([^:[\]]+(?::\d+)?)\]$/, '$1');
}

function authority(scheme: string, text: string): RepositoryAddress {
  const parts = AUTHORITY.exec(text);
  const host = parts && canonicalHost(parts[1]!);
  if (!host) return refused('its host cannot be read in one way only (in a password, write %40 for @ and the like)');
  if (text.startsWith('-') || parts[1]!.startsWith('-')) return refused('its host begins like an option');
  return { kind: 'host', scheme, host, port: parts[2] ? Number(parts[2]) : PORTS[scheme]! };
}

function refused(why: string): RepositoryAddress {
  return { kind: 'refused', why };
}

/**
 * Returns the host in lower case, without a dot at the end, and numbers as an address: curl, ssh and browsers read `0xA9FEA9FE`,
 * `169.16689638` and `0251.0376.0251.0376` as 169.254.169.254. null: the text is not a host.
 */
export function canonicalHost(host: string): string | null {
  const parsed = URL.parse(`http://${host}/`)?.hostname;
  return parsed ? parsed.replace(/^\[|\]$/g, '').replace(/\.+$/, '') || null : null;
}
