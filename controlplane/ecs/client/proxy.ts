import { BlockList, isIP } from 'node:net';
import type { Agent } from 'node:https';
import { ProxyAgent } from 'proxy-agent';

/** The proxy of a node: HTTPS_PROXY and NO_PROXY, as configuration. */
export interface NodeProxy {
  /** Null: none. */
  readonly url: string | null;
  /** Hosts that are reached without it. */
  readonly except: string;
}

export const NO_PROXY: NodeProxy = { url: null, except: '' };

/**
 * Returns whether a host is reached without the proxy. As curl and Go read NO_PROXY: names separated by commas or
 * blanks, each also for the names below it, with a port for that port alone; `10.0.0.0/8` for the addresses of that
 * network, which a name is not looked up for; `*` is every host.
 */
export function isExempt(url: URL, except: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return except
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return isInNetwork(host, entry);
      const [, name = entry, onPort] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
      if (onPort !== undefined && onPort !== port) return false;
      const suffix = name.replace(/^\*?\./, '').replace(/^\[|\]$/g, '');
      return host === suffix || host.endsWith(`.${suffix}`);
    });
}

function isInNetwork(host: string, range: string): boolean {
  const family = isIP(host);
  const [network = '', length = ''] = range.split('/');
  const bits = Number(length);
  if (family === 0 || isIP(network) !== family || !/^\d+$/.test(length) || bits > (family === 4 ? 32 : 128))
    return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}

/**
 * Returns the proxy for an address; null for none. A cluster's own proxy is used for all of its addresses. The proxy of
 * the node is for https alone, as its name says: local ECS speaks http.
 */
export function proxyFor(url: URL, own: string | undefined, node: NodeProxy): string | null {
  if (own !== undefined) return own === 'direct' ? null : own;
  if (node.url === null || url.protocol !== 'https:' || isExempt(url, node.except)) return null;
  return node.url;
}

/** Returns the agent for the connections of one client; null when no proxy is set at all. */
export function openProxyAgent(own: string | undefined, node: NodeProxy): Agent | null {
  if (own === 'direct' || (own === undefined && node.url === null)) return null;
  const agent = new ProxyAgent({
    keepAlive: true,
    getProxyForUrl: (url) => proxyFor(new URL(url), own, node) ?? '',
  });
  // The object is an agent for both protocols. The types of Node know only one for each.
  return agent as unknown as Agent;
}
