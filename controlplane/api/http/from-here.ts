import type { FastifyRequest } from 'fastify';
import { isLoopbackAddress } from '../../../shared/support/loopback.ts';

// Whatever a proxy, a balancer or a delivery network adds of the caller or of itself: RFC 7239 (Forwarded), RFC 9110 (Via, Proxy-*), RFC 8586
// (CDN-Loop), 8470 (Early-Data) and 9440 (Client-Cert), and the customs of nginx, Apache, HAProxy, Traefik, Envoy, Cloudflare, Akamai, Fastly,
// AWS, Azure and Google. A program here sends none of them. Names with X- are those of proxies, but for the ones that clients send themselves.
const OF_PROXIES = [
  /^((.+-)?via|forwarded(-.+)?|cdn-loop|proxy-.+|remote-addr)$/,
  /^x-(?!(prometheus-.+|requested-with|b3-.+|csrf-token|xsrf-token|purpose|moz|grafana-.+)$)/,
  /^(max-forwards|early-data|front-end-https|surrogate-.+|remote-.+|client-cert(-.+)?|ssl-.+)$/,
  /^(.+-)?(client|real|remote|connecting|originating|proxyuser|user|source|peer)-?(ip|addr|address|port)$/,
  /^(cf|fastly|akamai|fly|cloudfront)-.+$/,
];

/**
 * Returns whether the request comes from a program of this machine. A proxy here speaks for others, and the headers that it adds say so, whatever
 * their value. A request in HTTP/1.0 is one of nginx before 1.29.7, which adds no header unless it is told to. A later one adds none either and
 * speaks HTTP/1.1: nothing tells its requests from those of a program here, so its configuration must add one (controlplane/README.md).
 */
export function isFromHere({ headers, ip, raw }: Pick<FastifyRequest, 'headers' | 'ip' | 'raw'>): boolean {
  if (raw.httpVersionMajor === 1 && raw.httpVersionMinor === 0) return false;
  const isProxied = Object.keys(headers).some((name) =>
    OF_PROXIES.some((pattern) => pattern.test(name.replaceAll('_', '-'))),
  );
  return !isProxied && isLoopbackAddress(ip);
}
