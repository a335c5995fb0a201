import type { AgentDeps } from '../../../agent/run/agent-deps.ts';

/** Returns the dependencies of an agent that runs in this process, with a clock of its own. */
export function testAgentDeps({ clock, ...rest }: Pick<AgentDeps, 'clock' | 'environment' | 'onStop'>): AgentDeps {
  return {
    configFile: undefined,
    version: '0.0.0',
    pid: process.pid,
    parentPid: process.ppid,
    selfCommand: ['/bin/true'],
    startedMonotonicMs: clock.monotonicMs(),
    startedAt: clock.now(),
    clock,
    random: Math.random,
    newUuid: () => crypto.randomUUID(),
    writeLog: () => undefined,
    ...rest,
  };
}
