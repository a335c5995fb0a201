import type { ServerChannel } from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectAgent, type AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import { eventually } from '../../kit/eventually.ts';
import { flood, OddSshServer, type OddSsh } from '../../kit/agent/odd-ssh-server.ts';

// Containers whose SSH accepts the login and then does what no agent does. Whoever builds the image decides what that is.

/** For calls that end by themselves, and for those that are given up. */
const LONG_MS = 30_000;
const LIMIT_MS = 1_000;
const CLOSED = { code: 'SSH_CHANNEL', message: expect.stringContaining('did not answer GET /v1/health: other side') };

async function connect(odd: OddSsh, limitMs: number): Promise<AgentClient> {
  const server = await OddSshServer.start(odd);
  onTestFinished(() => server.close());
  const client = await connectAgent(server.endpoint(limitMs));
  onTestFinished(() => client.close());
  return client;
}

/** Answers the first channels by `odd` and those after them as an agent does. */
function oddAtFirst(channels: number, odd: (channel: ServerChannel) => void): OddSsh {
  let seen = 0;
  return {
    onChannel: (channel) => {
      channel.on('error', () => undefined).resume();
      seen += 1;
      if (seen > channels) channel.end('HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n');
      else odd(channel);
    },
  };
}

describe('a container whose SSH', () => {
  it.each<[what: string, odd: (channel: ServerChannel) => void, error: object, limitMs?: number]>([
    [
      'answers a byte at a time',
      (channel) => {
        channel.write('HTTP/1.1 200 OK\r\n\r\n');
        const timer = setInterval(() => channel.write('a'), 50);
        onTestFinished(() => clearInterval(timer));
      },
      {
        code: 'SSH_TIMEOUT',
        message: expect.stringMatching(/^The agent has not answered GET \/v1\/health within 1 s\./),
      },
      LIMIT_MS,
    ],
    [
      'sends gigabytes',
      (channel) => {
        channel.write('HTTP/1.1 200 OK\r\n\r\n');
        flood(channel);
      },
      {
        code: 'AGENT_API_FAILED',
        message: expect.stringContaining('answer to GET /v1/health is longer than 4194304 bytes'),
      },
    ],
    [
      'sends a header without end',
      (channel) => {
        channel.write('HTTP/1.1 200 OK\r\nx: ');
        flood(channel);
      },
      { code: 'AGENT_API_FAILED', message: expect.stringContaining('Headers Overflow') },
    ],
    [
      'speaks no HTTP',
      (channel) => void channel.write('220 mail.example.org ESMTP\r\n'),
      { code: 'AGENT_API_FAILED', message: expect.stringContaining('does not match the HTTP/1.1 protocol') },
    ],
    ['closes the channel', (channel) => void channel.once('data', () => channel.close()), CLOSED],
    ['ends the channel', (channel) => void channel.once('data', () => channel.end()), CLOSED],
  ])('%s costs one call and no more', async (_what, odd, error, limitMs = LONG_MS) => {
    const client = await connect(oddAtFirst(1, odd), limitMs);
    await expect(client.health('nonce')).rejects.toMatchObject(error);
    // The connection is as good as before.
    await client.shutdown();
    expect(client.isOpen).toBe(true);
  });

  it('never answers a channel fails each call by itself, and says that it was the channel', async () => {
    const client = await connect({}, LIMIT_MS);
    const calls = Array.from({ length: 9 }, () => client.shutdown());
    for (const { reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[])
      expect(['SSH_CHANNEL', 'SSH_TIMEOUT']).toContain((reason as { code: string }).code);
    await expect(client.shutdown()).rejects.toMatchObject({
      code: 'SSH_CHANNEL',
      message: expect.stringContaining('could not be opened: it was not answered within 0.5 s'),
    });
  });

  it('never confirms that channels are closed does not use them up', async () => {
    const client = await connect(
      oddAtFirst(8, (channel) => {
        channel.close = () => undefined;
        channel.end = () => channel;
      }),
      LIMIT_MS,
    );
    await Promise.allSettled(Array.from({ length: 8 }, () => client.shutdown()));
    await expect(eventually('an answer', () => client.shutdown().then(() => true))).resolves.toBe(true);
  });

  it('closes a channel in the middle of a file fails that call, and takes the next file', async () => {
    const client = await connect(
      oddAtFirst(1, (channel) => void channel.once('data', () => channel.close())),
      LONG_MS,
    );
    const content = Buffer.alloc(8 * 1024 * 1024);
    await expect(client.writeFile({ path: '/tmp/a', content })).rejects.toMatchObject({ code: 'SSH_CHANNEL' });
    await client.writeFile({ path: '/tmp/a', content: 'short' });
  });

  it('loses the connection in the middle of a file says so', async () => {
    const client = await connect(
      {
        onChannel: (channel, connection) => void channel.once('data', () => connection.end()),
      },
      LONG_MS,
    );
    const content = Buffer.alloc(8 * 1024 * 1024);
    await expect(client.writeFile({ path: '/tmp/a', content })).rejects.toMatchObject({ code: 'SSH_CHANNEL' });
    await eventually('the end of the connection', () => !client.isOpen);
  });

  it('begins a command when nobody waits for it any more has that command ended', async () => {
    let begin: (() => ServerChannel) | undefined;
    const client = await connect({ onCommand: (accept) => (begin = accept) }, LIMIT_MS);
    await expect(client.exec('make')).rejects.toMatchObject({
      code: 'SSH_TIMEOUT',
      message: expect.stringContaining('SSH did not say within 1 s that it began'),
    });
    const channel = begin?.();
    let isClosed = false;
    channel?.once('close', () => (isClosed = true)).resume();
    await eventually('the end of the command', () => isClosed);
  });
});
