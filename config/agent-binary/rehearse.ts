import { connectAgent } from '../../controlplane/ssh/agent-client.ts';
import { AgentProcess } from '../../test/kit/agent/agent-process.ts';
import { eventually } from '../../test/kit/eventually.ts';

/**
 * Lets the agent live a short life of everything that is done in a hurry later: start, a connection, a command, a
 * process with output, a stop. The command line decides what is kept of it. Rejects when a step takes longer than
 * `patienceMs`.
 */
export async function rehearseAgent(command: readonly string[], patienceMs: number): Promise<void> {
  const agent = await AgentProcess.start({ command, heartbeatSeconds: 1 });
  try {
    await liveShortly(agent, patienceMs);
  } catch (error) {
    throw new Error(`The rehearsal of the agent failed; its log: ${agent.log}`, { cause: error });
  } finally {
    await agent.close();
  }
}

async function liveShortly(agent: AgentProcess, patienceMs: number): Promise<void> {
  const { host = '', ports } = await agent.ready(patienceMs);
  const client = await connectAgent({
    host,
    port: ports?.['22'] ?? 0,
    user: 'root',
    privateKey: agent.controlPlane.clientKeys.privateKey,
    hostKeyLine: agent.controlPlane.enrolments[0]?.hostKey ?? '',
    timeoutMs: patienceMs,
    keepaliveMs: patienceMs,
  });
  await client.health('rehearsal');
  await client.putEnvironment({ secure: { REHEARSED: 'a-secret-of-the-rehearsal' } });
  await client.exec('true');
  await client.writeFile({ path: 'rehearsed', mode: 0o600, content: 'rehearsed' });
  await client.startProcess('rehearsal', { command: { shell: 'echo "$REHEARSED"; sleep 1' } });
  const isComplete = (): boolean => agent.controlPlane.kinds.includes('processComplete');
  await eventually('the end of the process', isComplete, patienceMs);
  await eventually('a heartbeat', () => agent.controlPlane.heartbeats.length > 0, patienceMs);
  // The agent closes an HTTP connection that was not used for some seconds, perhaps at this very moment.
  await client.shutdown().catch(() => client.shutdown());
  await client.close();
  const exit = await agent.ended;
  if (exit !== 0) throw new Error(`It ended with ${exit}`);
}
