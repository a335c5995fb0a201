import type { FastifyInstance } from 'fastify';
import { OperationalError } from '../../shared/model/error.ts';
import { isLoopbackUrl } from '../../shared/support/loopback.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';

/** Returns the address that the server listens on. Throws PORT_IN_USE. */
export async function listen(app: FastifyInstance, config: ControlPlaneConfig): Promise<string> {
  try {
    return await app.listen({ host: config.host, port: config.port });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause;
    throw new OperationalError('PORT_IN_USE', {
      happened: `The control plane cannot listen on ${config.host}:${config.port}: ${code === 'EACCES' ? 'this user may not' : 'another program does'}`,
      remedy: 'Stop that program, or choose another port with --port or WIP_PORT (0 takes a free one)',
      cause,
    });
  }
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
