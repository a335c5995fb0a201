import { isIP } from 'node:net';
import type { AcceptedCallers } from '../../shared/http/http-callers.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';

type Names = Pick<ControlPlaneConfig, 'host' | 'public_url' | 'allowed_hosts'>;

/** Returns the names under which a node is reached, beside loopback. */
export function acceptedCallers({ host, public_url: publicUrl, allowed_hosts: allowed }: Names): AcceptedCallers {
  const hosts = allowed.split(/[\s,]+/).filter((each) => each !== '');
  // The name of a machine may stand for a loopback address (Debian: 127.0.1.1). An IP address in `host` is no name.
  return { publicUrl: publicUrl ?? null, hosts: isIP(host) === 0 ? [...hosts, host] : hosts };
}
