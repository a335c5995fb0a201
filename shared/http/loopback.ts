import { isIPv4 } from 'node:net';

/** Returns whether an address, as a socket reports it, is a loopback address of this machine. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  // Only a whole address counts: `127.evil.example` is a name that anybody can give to any machine.
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** Returns whether the host name of a parsed URL is this machine; an IPv6 address stands in brackets there. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || isLoopbackAddress(hostname.replace(/^\[(.*)\]$/, '$1'));
}

export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(URL.parse(url)?.hostname ?? '');
}
