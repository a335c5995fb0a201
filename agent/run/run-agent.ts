import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { createJsonLog, type Log } from '../../shared/system/log.ts';
import { Agent } from './agent.ts';
import { readConfig } from '../config/agent-config.ts';
import { EX_CONFIG, STOP_EXIT_CODE } from '../lifecycle/exit-codes.ts';
import { createSecretPatterns, maskText } from '../process/secrets/masker.ts';
import { reportStartFailure } from './report-start-failure.ts';
import type { AgentDeps } from './agent-deps.ts';

/** How long an agent that cannot start goes on saying why once it is told to stop (chosen). */
const LAST_REPORT_MS = 3_000;

/** Runs `wip-agent run`, the agent's whole life. Returns the exit code. */
export async function runAgent(deps: AgentDeps): Promise<number> {
  const secretPatterns = createSecretPatterns();
  // The log masks the secrets of the environment too, in case a message quotes one.
  secretPatterns.add([deps.environment['WIP_ENROL'] ?? '', deps.environment['SIGNAL_USER'] ?? '']);
  const log = createJsonLog('wip-agent', (line) => deps.writeLog(maskText(line, secretPatterns)), deps.clock);
  let agent: Agent;
  try {
    refuseToBeInit(deps.pid);
    agent = new Agent(deps, readConfig(deps.environment, deps.configFile), secretPatterns, log);
  } catch (error) {
    return failToStart(deps, error, log);
  }
  return agent.run();
}

/** Reports bugs as well as expected failures: the worst end of a container is one that nobody ever heard of. */
async function failToStart(deps: AgentDeps, error: unknown, log: Log): Promise<number> {
  const isExpected = error instanceof OperationalError;
  const exitCode = isExpected ? EX_CONFIG : STOP_EXIT_CODE.internal;
  log.error(isExpected ? { code: error.code, reason: error.message } : { error }, 'agent cannot start');
  // No process runs that would have to be ended. A control plane that is there hears why all the same.
  const stopped = new Promise<void>((resolve) =>
    deps.onStop(() => void deps.clock.sleep(LAST_REPORT_MS).then(resolve)),
  );
  await Promise.race([reportStartFailure(deps, messageOf(error), exitCode, log), stopped]);
  return exitCode;
}

/** As process 1, Node would have to reap the build's orphans and does not: 20 orphans stay 20 zombies. */
function refuseToBeInit(pid: number): void {
  if (pid !== 1) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: 'The agent is process 1 of the container and cannot do the work of an init, such as reaping orphans',
    remedy:
      'Make the image\'s entrypoint "tini -s -- wip-agent", or set initProcessEnabled in linuxParameters of the task definition',
  });
}
