import type { Log } from '../../shared/support/log.ts';
import type { EnrolmentDeps } from '../report/enrol.ts';
import type { Addresses } from '../config/launch-environment.ts';
import type { AgentDeps } from './agent-deps.ts';

/** What the enrolment has to know, whether a whole agent enrols or only one that has to say why it cannot work. */
export function enrolmentDeps(deps: AgentDeps, addresses: Addresses, hostKeyLine: string, log: Log): EnrolmentDeps {
  const { taskArn } = addresses;
  return {
    url: addresses.enrolUrl,
    token: addresses.enrolToken,
    hostKeyLine,
    ...(taskArn === undefined ? {} : { taskArn }),
    allowHttp: addresses.allowHttp,
    agentVersion: deps.version,
    startedAt: deps.startedAt,
    nonce: deps.newUuid(),
    clock: deps.clock,
    random: deps.random,
    log,
  };
}
