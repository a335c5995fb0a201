import { OperationalError, messageOf } from '../../shared/model/error.ts';
import { createJsonLog, type Log } from '../../shared/support/log.ts';
import { Agent } from './agent.ts';
import { readConfig } from '../config/agent-config.ts';
import { EXIT_CODE } from '../lifecycle/decide-lifecycle.ts';
import { createNeedles, maskText } from '../process/masker.ts';
import { tellFailure } from './report-start-failure.ts';
import { EX_CONFIG, type AgentWorld } from './agent-deps.ts';

/** `wip-agent run`: the agent's whole life. Answers the exit code. */
export async function runAgent(world: AgentWorld): Promise<number> {
  const needles = createNeedles();
  // What was told to us in confidence is masked in the log too, should a message ever quote it.
  needles.add([world.environment['WIP_ENROL'] ?? '', world.environment['SIGNAL_USER'] ?? '']);
  const log = createJsonLog('wip-agent', (line) => world.writeLog(maskText(line, needles)), world.clock);
  let agent: Agent;
  try {
    refuseToBeInit(world.pid);
    agent = new Agent(world, readConfig(world.environment, world.configFile), needles, log);
  } catch (error) {
    return failToStart(world, error, log);
  }
  return agent.run();
}

/** Told also of what nobody expected: a container that was never heard of is the worst of all ends. */
async function failToStart(world: AgentWorld, error: unknown, log: Log): Promise<number> {
  const isExpected = error instanceof OperationalError;
  const exitCode = isExpected ? EX_CONFIG : EXIT_CODE.internal;
  log.error(isExpected ? { code: error.code, reason: error.message } : { error }, 'agent cannot start');
  // Nothing runs that would have to be ended: whoever stops the agent now may have it at once.
  const stopped = new Promise<void>((resolve) => world.onStop(() => resolve()));
  await Promise.race([tellFailure(world, messageOf(error), exitCode, log), stopped]);
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
