import type { FastifyRequest } from 'fastify';
import { isLoopbackAddress } from '../../../shared/support/loopback.ts';

// Whatever a proxy, a balancer or a delivery network adds of the caller or of itself: RFC 7239 (Forwarded), RFC 9110 (Via, Proxy-*), RFC 8586
// (CDN-Loop), and the customs of nginx, Apache, HAProxy, Traefik, Envoy, Cloudflare, Akamai, Fastly, AWS, Azure and Google. A program
// here sends none of them.
const OF_PROXIES = [
  /^((.+-)?via|forwarded(-.+)?|cdn-loop|proxy-.+|remote-addr)$/,
  /^x-forwarded/,
  /^x-(original|proxy|envoy|amzn?|azure|arr|appengine|google|cloud|cdn|akamai|fastly|vercel|fly|nginx|traefik|varnish|squid)(-.+)?$/,
  /^(.+-)?(client|real|remote|connecting|originating|proxyuser|user|source|peer)-?(ip|addr|address|port)$/,
  /^(cf|fastly|akamai|fly|cloudfront)-.+$/,
];

/**
 * Returns whether the request comes from a program of this machine. A proxy here speaks for others, and the headers that it adds say so, whatever
 * their value. nginx adds none unless it is told to, and speaks HTTP/1.0, which nothing else does today.
 */
export function isFromHere({ headers, ip, raw }: Pick<FastifyRequest, 'headers' | 'ip' | 'raw'>): boolean {
  if (raw.httpVersionMajor === 1 && raw.httpVersionMinor === 0) return false;
  const isProxied = Object.keys(headers).some((name) =>
    OF_PROXIES.some((pattern) => pattern.test(name.replaceAll('_', '-'))),
  );
  return !isProxied && isLoopbackAddress(ip);
}
