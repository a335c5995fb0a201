import type { AgentWorld } from '../../agent/run/agent-deps.ts';

/** The world of an agent that runs in this process, with a clock of its own. */
export function agentWorld({ clock, ...rest }: Pick<AgentWorld, 'clock' | 'environment' | 'onStop'>): AgentWorld {
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
