import type { Socket } from 'node:net';
import type { Client as SshClient, ClientChannel } from 'ssh2';
import { Pool, type buildConnector } from 'undici';
import { OperationalError } from '../../shared/model/error.ts';
import { formatSeconds } from '../../shared/model/units.ts';
import { AGENT_SOCKET } from '../../shared/protocol/agent-api.ts';
import { ChannelSocket } from './channel-socket.ts';

// Calls of one attempt run in parallel: a followed output, a process status, a health check. Further calls wait.
const MAX_CHANNELS = 4;

// Part of the time of a call in which a channel must be open: it takes one round trip. With all of the time, the call would
// be given up first, and nobody would be told that it was the channel that was not answered.
const CHANNEL_SHARE = 1 / 2;

/** Returns an HTTP client for the agent's Unix socket, through channels of an SSH connection. */
export function createTunnel(ssh: SshClient, timeoutMs: number): Pool {
  return new Pool('http://agent', {
    connections: MAX_CHANNELS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: (_options: unknown, callback: buildConnector.Callback) => openChannel(ssh, timeoutMs, callback),
  });
}

function openChannel(ssh: SshClient, timeoutMs: number, callback: buildConnector.Callback): void {
  let isSettled = false;
  const fail = (why: string, cause?: Error): void => {
    if (isSettled) return;
    isSettled = true;
    callback(channelError(why, cause), null);
  };
  const limitMs = timeoutMs * CHANNEL_SHARE;
  const why = `it was not answered within ${formatSeconds(limitMs / 1000)}`;
  const timer = setTimeout(() => fail(why), limitMs);
  const opened = (error: Error | undefined, channel: ClientChannel): void => {
    clearTimeout(timer);
    if (error) return fail(error.message, error);
    if (isSettled) return void channel.destroy();
    isSettled = true;
    callback(null, new ChannelSocket(channel) as unknown as Socket);
  };
  try {
    ssh.openssh_forwardOutStreamLocal(AGENT_SOCKET, opened);
  } catch (error) {
    clearTimeout(timer); // ssh2 throws when the connection has ended
    fail('the connection has ended', error instanceof Error ? error : undefined);
  }
}

function channelError(why: string, cause?: Error): OperationalError {
  return new OperationalError('SSH_CHANNEL', {
    happened: `A channel to the agent's API could not be opened: ${why}`,
    remedy: 'The agent may be ending, or be one without an API: look at its signals, and try again',
    cause,
  });
}
