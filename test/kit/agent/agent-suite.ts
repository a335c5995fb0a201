import { afterEach } from 'vitest';
import { AgentProcess, type AgentProcessOptions } from './agent-process.ts';
import { createContainerPlace, type AgentContainerOptions, type ContainerPlace } from './agent-container.ts';

export interface ContainedAgent {
  readonly agent: AgentProcess;
  readonly place: ContainerPlace;
}

/** Starts agents for a test file, and ends each after its test. */
export function createAgentSuite(): {
  start: (options?: AgentProcessOptions) => Promise<AgentProcess>;
  startInContainer: (container?: AgentContainerOptions, options?: AgentProcessOptions) => Promise<ContainedAgent>;
} {
  const agents: AgentProcess[] = [];
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.close()));
  });
  const start = async (options: AgentProcessOptions = {}): Promise<AgentProcess> => {
    const agent = await AgentProcess.start(options);
    agents.push(agent);
    return agent;
  };
  return {
    start,
    async startInContainer(container = {}, options = {}) {
      const place = createContainerPlace(container);
      return { place, agent: await start({ ...options, place }) };
    },
  };
}

/** Returns the end of a test's name: the reason why it is skipped, or nothing. */
export function skipped(reason: string | undefined): string {
  return reason === undefined ? '' : ` (skipped: ${reason})`;
}
