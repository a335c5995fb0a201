import { openConnection, type AgentEndpoint } from '../open-connection.ts';

/**
 * Returns the host key of a container that nobody has vouched for, as one line. The login must succeed, so a server that does
 * not let this container's key in is none of it. Nothing else is sent.
 */
export async function readHostKey(endpoint: Omit<AgentEndpoint, 'hostKeyLine'>): Promise<string> {
  let presented = '';
  const ssh = await openConnection(endpoint, (key) => {
    presented = `ssh-ed25519 ${key.toString('base64')}`;
    return true;
  });
  ssh.on('error', () => undefined); // nothing is under way that it could break
  ssh.destroy();
  return presented;
}
