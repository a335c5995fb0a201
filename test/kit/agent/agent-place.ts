import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The surroundings in which a test runs an agent. */
export interface AgentPlace {
  readonly environment: Readonly<Record<string, string>>;
  /** Returns the command that starts this agent. */
  command(agent: readonly string[]): readonly string[];
  /** Called with the pid of the process that was started. */
  started(pid: number): void;
  /** Returns the path at which this process finds a file of the agent. */
  outside(path: string): string;
  /** Returns the pid of the agent in this process's namespace. */
  agentPid(): number;
  remove(): void | Promise<void>;
}

/** Uses WIP_AGENT_ROOT: the agent has a directory on this machine, and shares the rest. */
export function createDirectoryPlace(config: string, above = tmpdir()): AgentPlace & { readonly root: string } {
  const root = mkdtempSync(join(above, 'wip-agent-'));
  mkdirSync(join(root, 'etc/buildcontainer'), { recursive: true });
  writeFileSync(join(root, 'etc/buildcontainer/config.ini'), config);
  let agentPid = 0;
  return {
    root,
    environment: { WIP_AGENT_ROOT: root },
    command: (agent) => agent,
    started: (pid) => void (agentPid = pid),
    outside: (path) => path,
    agentPid: () => agentPid,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
