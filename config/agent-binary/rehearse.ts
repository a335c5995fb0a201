import { connectAgent } from '../../controlplane/ssh/agent-client.ts';
import { AgentProcess } from '../../test/kit/agent-process.ts';
import { eventually } from '../../test/kit/eventually.ts';

/**
 * Lets the agent live a short life of everything that is done in a hurry later: start, a connection, a command, a
 * process with output, a stop. The command line decides what is kept of it.
 */
export async function rehearseAgent(command: readonly string[]): Promise<void> {
  const agent = await AgentProcess.start({ command, heartbeatSeconds: 1 });
  try {
    const { host = '', ports } = await agent.ready();
    const client = await connectAgent({
      host,
      port: ports?.['22'] ?? 0,
      user: 'root',
      privateKey: agent.controlPlane.clientKeys.privateKey,
      hostKeyLine: agent.controlPlane.enrolments[0]?.hostKey ?? '',
      timeoutMs: 10_000,
      keepaliveMs: 5_000,
    });
    await client.health('rehearsal');
    await client.putEnvironment({ secure: { REHEARSED: 'a-secret-of-the-rehearsal' } });
    await client.exec('true');
    await client.writeFile({ path: 'rehearsed', mode: 0o600, content: 'rehearsed' });
    await client.startProcess('rehearsal', { command: { shell: 'echo "$REHEARSED"; sleep 1' } });
    await eventually('the end of the process', () => agent.controlPlane.kinds.includes('processComplete'));
    await eventually('a heartbeat', () => agent.controlPlane.heartbeats.length > 0);
    await client.shutdown();
    await client.close();
    const exit = await agent.ended;
    if (exit !== 0) throw new Error(`The rehearsal ended with ${exit}: ${agent.log}`);
  } finally {
    await agent.close();
  }
}
