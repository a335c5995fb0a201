import { isIPv4 } from 'node:net';

/** Whether an address, as a socket reports it, is one of this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  // Only a whole address counts: `127.evil.example` is a name that anybody can give to any machine.
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** The same of the host name of a parsed URL, where an IPv6 address stands in brackets. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || isLoopbackAddress(hostname.replace(/^\[(.*)\]$/, '$1'));
}

export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(URL.parse(url)?.hostname ?? '');
}
