import { createConnection } from 'node:net';
import type { AcceptConnection, RejectConnection, ServerChannel } from 'ssh2';
import { AGENT_SOCKET } from '../../shared/protocol/agent-api.ts';
import type { Log } from '../../shared/system/log.ts';

/** Joins a channel to the agent API's socket, under its real name or its constant one. Every other path is refused. */
export function forwardSocket(
  channelRequest: { accept: AcceptConnection<ServerChannel>; reject: RejectConnection; path: string },
  socketPath: string,
  log: Log,
): void {
  const { accept, reject, path } = channelRequest;
  if (path !== AGENT_SOCKET && path !== socketPath) {
    log.warn({ path }, 'ssh forwarding refused');
    return reject();
  }
  // Accepted only once the socket answers: an API that is not there is then a refused channel, not an empty answer.
  const socket = createConnection(socketPath);
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    const channel = accept();
    const close = (): void => {
      channel.close();
      socket.destroy();
    };
    socket.on('error', close).on('close', close);
    channel.on('error', close).on('close', close);
    channel.pipe(socket).pipe(channel);
  });
}
