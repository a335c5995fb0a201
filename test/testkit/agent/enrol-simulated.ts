import { randomUUID } from 'node:crypto';
import { enrol } from '../../../agent/report/enrol.ts';
import type { EnrolmentAnswer } from '../../../shared/protocol/enrolment.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { SimulatedAgentOptions } from './simulated-agent-options.ts';
import { SIMULATED_VERSION } from './simulated-api-handlers.ts';

interface EnrolledAs {
  readonly clock: Clock;
  /** What the container was launched with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly hostKeyLine: string;
}

/** Enrols with the real agent's own code. */
export function enrolSimulated(
  { random, log, taskArn }: SimulatedAgentOptions,
  { clock, environment, hostKeyLine }: EnrolledAs,
  abort: AbortSignal,
): Promise<EnrolmentAnswer> {
  return enrol(
    {
      clock,
      random,
      log,
      url: environment['WIP_ENROL_URL'] ?? '',
      token: environment['WIP_ENROL'] ?? '',
      hostKeyLine,
      ...(taskArn === undefined ? {} : { taskArn }),
      agentVersion: SIMULATED_VERSION,
      startedAt: clock.now(),
      nonce: randomUUID(),
    },
    abort,
  );
}
