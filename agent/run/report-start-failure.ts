import { messageOf } from '../../shared/model/error.ts';
import type { Log } from '../../shared/support/log.ts';
import { createSshKeyPair } from '../../shared/support/ssh-key.ts';
import { enrolmentDeps, type EnrollingDeps } from './enrolment-deps.ts';
import { enrol } from '../report/enrol.ts';
import { createReporter } from '../report/reporter.ts';
import type { Spool } from '../report/spool.ts';
import { readAddresses } from '../config/launch-environment.ts';
import type { AgentDeps } from './agent-deps.ts';

type ReportDeps = EnrollingDeps & Pick<AgentDeps, 'environment' | 'startedMonotonicMs'>;

/** An agent that cannot work says so and goes; nobody should wait for a control plane that does not answer. */
const PATIENCE_MS = 30_000;

/** With a configuration that cannot be used there is no place for a spool either. */
function memorySpool(): Spool {
  let content: Buffer | undefined;
  return {
    location: 'memory',
    capacityBytes: 1024 * 1024,
    load: () => Promise.resolve(content),
    save(given) {
      content = given;
      return Promise.resolve('memory');
    },
    close: () => Promise.resolve(),
  };
}

/**
 * Enrols from the environment alone and sends output and exit that say what is wrong with the configuration, so that
 * the task ends with this sentence and not with a container that was never heard of.
 */
export async function reportStartFailure(deps: ReportDeps, message: string, exitCode: number, log: Log): Promise<void> {
  try {
    await report(deps, message, exitCode, log);
  } catch (error) {
    log.error({ reason: messageOf(error) }, 'the control plane could not be told');
  }
}

async function report(deps: ReportDeps, message: string, exitCode: number, log: Log): Promise<void> {
  const addresses = readAddresses(deps.environment);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const hostKeyLine = createSshKeyPair().publicLine;
  const answer = await enrol(enrolmentDeps(deps, addresses, hostKeyLine, log), patience);
  const reporter = createReporter({
    signalUrl: addresses.signalUrl,
    signalBody: addresses.signalBody,
    key: Buffer.from(answer.key, 'base64'),
    keyId: answer.keyId,
    spool: memorySpool(),
    readOutput: (_process, _stream, offset) => ({ offset, data: Buffer.alloc(0) }), // nothing was started
    clock: deps.clock,
    random: deps.random,
    log,
  });
  const why = { cause: 'internal', causes: ['internal'] } as const;
  const ranSeconds = (deps.clock.monotonicMs() - deps.startedMonotonicMs) / 1_000;
  await reporter.signal('output', { exitLog: message, log: message, ...why });
  await reporter.signal('exit', { time: Math.round(ranSeconds), disk: null, initial_disk: null, ...why, exitCode });
  await reporter.flush(patience);
  await reporter.close();
}
