import { messageOf } from '../../shared/model/error.ts';
import type { Log } from '../../shared/system/log.ts';
import { createSshKeyPair } from '../../shared/keys/ssh-key.ts';
import { enrolmentDeps, type EnrollingDeps } from './enrolment-deps.ts';
import { enrol } from '../report/enrol.ts';
import { createReporter } from '../report/reporter.ts';
import type { Spool } from '../report/spool.ts';
import { readAddresses } from '../config/launch-environment.ts';
import type { AgentDeps } from './agent-deps.ts';

type ReportDeps = EnrollingDeps & Pick<AgentDeps, 'environment' | 'startedMonotonicMs'>;

/** Bounds the report: an agent that cannot work does not wait for a control plane that does not answer. */
const PATIENCE_MS = 30_000;

/** Keeps the signals in memory: without a usable configuration there is no path for a spool file. */
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
    release: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/**
 * Enrols from the environment alone, and sends output and exit with what is wrong with the configuration. The task then
 * ends with this sentence instead of a container that nobody ever heard of.
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
