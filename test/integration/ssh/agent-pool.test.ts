import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectAgent, type AgentEndpoint } from '../../../controlplane/ssh/agent-client.ts';
import { createAgentPool, type AgentPool, type AgentPoolOptions } from '../../../controlplane/ssh/agent-pool.ts';
import { eventually } from '../../kit/eventually.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { SshAgentFixture } from '../../kit/ssh-agent-fixture.ts';

let fixture: SshAgentFixture;
let pool: AgentPool;
let clock: HastyClock;
let connections: number;

beforeEach(async () => {
  fixture = await SshAgentFixture.start();
  clock = new HastyClock();
  connections = 0;
  openPool({});
});
afterEach(async () => {
  await pool.close();
  await fixture.close();
});

function openPool(changes: Partial<AgentPoolOptions>): void {
  const connect: AgentPoolOptions['connect'] = (endpoint) => {
    connections += 1;
    return connectAgent(endpoint);
  };
  pool = createAgentPool({ connect, maxConnections: 10, idleMs: 60_000, clock, ...changes });
}

function endpoint(): AgentEndpoint {
  return {
    host: '127.0.0.1',
    port: fixture.server.port,
    user: 'root',
    privateKey: fixture.clientKey.privateKey,
    hostKeyLine: fixture.hostKey.publicLine,
    timeoutMs: 10_000,
    keepaliveMs: 5_000,
  };
}

describe('createAgentPool', () => {
  it('gives everybody the same connection of an attempt', async () => {
    const given = await Promise.all([1, 2, 3].map(() => pool.connect('a', endpoint())));
    expect(new Set(given).size).toBe(1);
    expect(await pool.connect('a', endpoint())).toBe(given[0]);
    expect(connections).toBe(1);
  });

  it('connects anew after the connection has ended', async () => {
    const first = await pool.connect('a', endpoint());
    await fixture.server.close();
    await eventually('the end of the connection', () => !first.isOpen);
    await fixture.listen();
    expect((await pool.connect('a', endpoint())).isOpen).toBe(true);
    expect(connections).toBe(2);
  });

  it('connects anew after a failure, and after the address has changed', async () => {
    await expect(pool.connect('a', { ...endpoint(), user: 'nobody' })).rejects.toMatchObject({ code: 'SSH_AUTH' });
    const root = await pool.connect('a', endpoint());
    const builder = await pool.connect('a', { ...endpoint(), user: 'builder' });
    expect(builder).not.toBe(root);
    await eventually('the old one to be closed', () => !root.isOpen);
  });

  it('closes what nobody asked for any more, but nothing that is in use', async () => {
    openPool({ idleMs: 50 });
    let finish = (): void => undefined;
    fixture.answer = (_request, response) => (finish = () => void response.writeHead(202).end());
    const agent = await pool.connect('a', endpoint());
    const shutdown = agent.shutdown();
    const other = await pool.connect('b', endpoint());
    await eventually('the idle one to be closed', () => !other.isOpen);
    expect(agent.isOpen).toBe(true);
    finish();
    await shutdown;
    await eventually('the other one too', () => !agent.isOpen);
  });

  it('closes the longest unused when there are too many', async () => {
    openPool({ maxConnections: 2 });
    const a = await pool.connect('a', endpoint());
    const b = await pool.connect('b', endpoint());
    await pool.connect('a', endpoint());
    await clock.sleep(5_000);
    await pool.connect('c', endpoint());
    await eventually('the longest unused to be closed', () => !b.isOpen);
    expect(a.isOpen).toBe(true);
  });

  it('drops one, and closes all', async () => {
    const a = await pool.connect('a', endpoint());
    const b = await pool.connect('b', endpoint());
    await pool.drop('a');
    await pool.drop('unknown');
    expect([a.isOpen, b.isOpen]).toEqual([false, true]);
    await pool.close();
    expect(b.isOpen).toBe(false);
  });
});
