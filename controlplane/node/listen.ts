import { once } from 'node:events';
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { OperationalError } from '../../shared/model/error.ts';
import { listenFailure } from '../../shared/http/listen-failure.ts';
import { isLoopbackUrl } from '../../shared/http/loopback.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';

type Address = Pick<ControlPlaneConfig, 'host' | 'port'>;

/** Returns the address that the server listens on. Throws PORT_IN_USE and CONFIG_INVALID. */
export async function listen(app: FastifyInstance, { host, port }: Address): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    throw listenRefusal({ host, port }, cause);
  }
}

/**
 * Throws PORT_IN_USE or CONFIG_INVALID when the node could not listen now. Asked first, because a node that cannot listen should not have
 * made a database.
 */
export async function checkPort({ host, port }: Address): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw listenRefusal({ host, port }, cause);
  }
  await once(server.close(), 'close');
}

/** Returns the error to throw when a server cannot listen. */
function listenRefusal({ host, port }: Address, cause: unknown): unknown {
  const options = {
    hostOption: 'host or WIP_HOST',
    portOption: 'the setting port, WIP_PORT, or --port of "wipctl dev"',
  };
  return listenFailure({ who: 'The control plane', host, port, ...options }, cause);
}

/**
 * Agents send the secrets of their containers to this address, so http is accepted only within this machine or where
 * the operator allows it. Throws CONFIG_INVALID.
 */
export function checkPublicUrl(url: string, config: Pick<ControlPlaneConfig, 'allow_http'>): void {
  if (new URL(url).protocol === 'https:' || isLoopbackUrl(url) || config.allow_http) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `Agents would report to ${url} without encryption`,
    remedy: 'Set public_url to the https address of this service, or allow_http to true if the network is trusted',
  });
}
