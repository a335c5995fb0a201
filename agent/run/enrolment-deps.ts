import type { Log } from '../../shared/support/log.ts';
import type { EnrolmentWorld } from '../report/enrol.ts';
import type { Addresses } from '../config/launch-environment.ts';
import type { AgentWorld } from './agent-deps.ts';

/** What the enrolment has to know, whether a whole agent enrols or only one that has to say why it cannot work. */
export function enrolmentWorld(world: AgentWorld, addresses: Addresses, hostKeyLine: string, log: Log): EnrolmentWorld {
  const { taskArn } = addresses;
  return {
    url: addresses.enrolUrl,
    token: addresses.enrolToken,
    hostKeyLine,
    ...(taskArn === undefined ? {} : { taskArn }),
    allowHttp: addresses.allowHttp,
    agentVersion: world.version,
    startedAt: world.startedAt,
    nonce: world.newUuid(),
    clock: world.clock,
    random: world.random,
    log,
  };
}
