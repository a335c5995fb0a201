import { connectAgent } from '../../../controlplane/ssh/agent-client.ts';
import type { AgentProcess } from './agent-process.ts';

/** Runs a command over SSH as one of the agent's users. Returns its stdout. */
export async function execAs(agent: AgentProcess, user: string, command: string): Promise<string> {
  const { ports } = await agent.ready();
  const client = await connectAgent({
    host: '127.0.0.1',
    port: ports?.['22'] ?? 0,
    user,
    privateKey: agent.controlPlane.clientKeys.privateKey,
    hostKeyLine: agent.controlPlane.enrolments[0]?.hostKey ?? '',
    timeoutMs: 10_000,
    keepaliveMs: 5_000,
  });
  const { stdout } = await client.exec(command);
  await client.close();
  return stdout.toString();
}
