import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where an agent of a test lives. */
export interface AgentPlace {
  readonly environment: Readonly<Record<string, string>>;
  /** What to start for this agent. */
  command(agent: readonly string[]): readonly string[];
  /** With the process that was started. */
  started(pid: number): void;
  /** Where this process finds a file of the agent's. */
  outside(path: string): string;
  /** The agent as this process sees it. */
  agentPid(): number;
  remove(): void;
}

/** WIP_AGENT_ROOT: a directory on this machine, and nothing else of its own. */
export function createDirectoryPlace(config: string): AgentPlace & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'wip-agent-'));
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
