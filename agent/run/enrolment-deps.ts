import type { Log } from '../../shared/system/log.ts';
import type { Addresses } from '../config/launch-environment.ts';
import type { EnrolmentDeps } from '../report/enrol.ts';
import type { AgentDeps } from './agent-deps.ts';

export type EnrollingDeps = Pick<AgentDeps, 'version' | 'startedAt' | 'newUuid' | 'clock' | 'random'>;

/** Dependencies of an enrolment, for a whole agent and for one that only reports why it cannot start. */
export function enrolmentDeps(deps: EnrollingDeps, addresses: Addresses, hostKeyLine: string, log: Log): EnrolmentDeps {
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
