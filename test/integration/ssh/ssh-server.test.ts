import { connect as connectSocket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectAgent, type AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { eventually } from '../../kit/eventually.ts';
import { SshAgentFixture } from '../../kit/agent/ssh-agent-fixture.ts';

let fixture: SshAgentFixture;
const clients: AgentClient[] = [];

beforeEach(async () => {
  fixture = await SshAgentFixture.start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await fixture.close();
});

async function connect(user = 'root'): Promise<AgentClient> {
  const client = await connectAgent({
    host: '127.0.0.1',
    port: fixture.server.port,
    user,
    privateKey: fixture.clientKey.privateKey,
    hostKeyLine: fixture.hostKey.publicLine,
    timeoutMs: 10_000,
    keepaliveMs: 5_000,
  });
  clients.push(client);
  return client;
}

describe('startSshServer', () => {
  it('can prove to itself that it answers with the announced key', async () => {
    await expect(fixture.server.selfCheck()).resolves.toBeUndefined();
  });

  it('does not prove another key', async () => {
    const { port } = fixture.server;
    await fixture.server.close();
    const other = await SshAgentFixture.start({ port });
    await expect(fixture.server.selfCheck()).rejects.toMatchObject({ code: 'SSH_KEY_EXCHANGE' });
    await other.close();
    await expect(fixture.server.selfCheck()).rejects.toMatchObject({ code: 'SSH_KEY_EXCHANGE' });
  });

  it('tells a port that is taken', async () => {
    const { port } = fixture.server;
    await expect(fixture.listen({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });

  it.each(['', 'ssh-rsa AAAAB3NzaC1yc2E=', 'ssh-ed25519 garbage'])(
    'tells a developer key that is none: "%s"',
    async (developerKey) => {
      await expect(fixture.listen({ developerKey })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    },
  );

  it('starts nothing new once it is frozen, and lets those who are in reach the agent API', async () => {
    fixture.answer = (_request, response) => void response.writeHead(202).end();
    const client = await connect();
    fixture.server.freeze();
    await expect(client.exec('true')).rejects.toMatchObject({ code: 'SSH_CHANNEL' });
    await expect(client.shutdown()).resolves.toBeUndefined();
    await expect(connect()).rejects.toMatchObject({ code: 'SSH_AUTH' });
  });

  it('runs everything as the workload user when it is not root, under either name', async () => {
    await fixture.server.close();
    await fixture.listen({ isRoot: false });
    await (await connect('root')).exec('true');
    await (await connect('builder')).exec('true');
    expect(fixture.runner.requests.map((request) => request.user)).toEqual(['builder', 'builder']);
  });

  it("keeps the control plane's way in open when somebody in the container floods it", async () => {
    const sockets = Array.from({ length: 40 }, () =>
      connectSocket(fixture.server.port, '127.0.0.1').on('error', () => undefined),
    );
    let closed = 0;
    for (const socket of sockets) socket.once('close', () => (closed += 1)).resume();
    await eventually('the surplus to be closed', () => closed >= 24);
    expect(closed).toBe(24);
    for (const socket of sockets) socket.destroy();
    await eventually('room again', async () => (await connect().catch(() => undefined))?.isOpen);
  });

  it('survives garbage of every kind', async () => {
    const garbage = [
      '',
      'GET / HTTP/1.1\r\n\r\n',
      'SSH-1.5-old\r\n',
      'SSH-2.0-x\r\n\0\0\0\0\0',
      `SSH-2.0-x\r\n${'\xff'.repeat(5_000)}`,
    ];
    for (const text of garbage) {
      const socket = connectSocket(fixture.server.port, '127.0.0.1')
        .on('error', () => undefined)
        .resume();
      socket.end(Buffer.from(text, 'latin1'));
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect((await connect()).isOpen).toBe(true);
  });

  it('gives a stranger three tries', async () => {
    await expect(
      connectAgent({
        host: '127.0.0.1',
        port: fixture.server.port,
        user: 'root',
        privateKey: createSshKeyPair().privateKey,
        hostKeyLine: fixture.hostKey.publicLine,
        timeoutMs: 10_000,
        keepaliveMs: 5_000,
      }),
    ).rejects.toMatchObject({ code: 'SSH_AUTH' });
  });
});
