import type { FastifyRequest } from 'fastify';
import { isLoopbackAddress } from '../../../shared/http/loopback.ts';

// The headers that a proxy, a load balancer or a content delivery network adds about the caller or about itself: RFC 7239
// (Forwarded), RFC 9110 (Via, Proxy-*), RFC 8586 (CDN-Loop), 8470 (Early-Data) and 9440 (Client-Cert), and the customs of nginx,
// Apache, HAProxy, Traefik, Envoy, Cloudflare, Akamai, Fastly, AWS, Azure and Google. A program on this machine sends none of
// them. Names with X- are those of proxies, but for the ones that clients send themselves.
const OF_PROXIES = [
  /^((.+-)?via|forwarded(-.+)?|cdn-loop|proxy-.+|remote-addr)$/,
  /^x-(?!(prometheus-.+|requested-with|b3-.+|csrf-token|xsrf-token|purpose|moz|grafana-.+)$)/,
  /^(max-forwards|early-data|front-end-https|surrogate-.+|remote-.+|client-cert(-.+)?|ssl-.+)$/,
  /^(.+-)?(client|real|remote|connecting|originating|proxyuser|user|source|peer)-?(ip|addr|address|port)$/,
  /^(cf|fastly|akamai|fly|cloudfront)-.+$/,
];

/**
 * Returns whether the request comes from a program on this machine. A proxy on this machine forwards requests of others; it is
 * recognised by the headers that it adds, whatever their values. nginx adds none by default. Before 1.29.7 it is recognised by
 * HTTP/1.0; later versions use HTTP/1.1 and cannot be told from a local program, so their configuration must add such a header
 * (controlplane/README.md).
 */
export function isFromLocalProgram({ headers, ip, raw }: Pick<FastifyRequest, 'headers' | 'ip' | 'raw'>): boolean {
  if (raw.httpVersionMajor === 1 && raw.httpVersionMinor === 0) return false;
  const isProxied = Object.keys(headers).some((name) =>
    OF_PROXIES.some((pattern) => pattern.test(name.replaceAll('_', '-'))),
  );
  return !isProxied && isLoopbackAddress(ip);
}
