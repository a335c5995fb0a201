import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectAgent } from '../../../controlplane/ssh/agent-client.ts';
import { createAgentPool, type AgentPool, type AgentPoolOptions } from '../../../controlplane/ssh/agent-pool.ts';
import { eventually } from '../../kit/eventually.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { SshAgentFixture } from '../../kit/agent/ssh-agent-fixture.ts';

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

describe('createAgentPool', () => {
  it('gives everybody the same connection of an attempt', async () => {
    const given = await Promise.all([1, 2, 3].map(() => pool.connect('a', fixture.endpoint())));
    expect(new Set(given).size).toBe(1);
    expect(await pool.connect('a', fixture.endpoint())).toBe(given[0]);
    expect(connections).toBe(1);
  });

  it('connects anew after the connection has ended', async () => {
    const first = await pool.connect('a', fixture.endpoint());
    await fixture.server.close();
    await eventually('the end of the connection', () => !first.isOpen);
    await fixture.listen();
    expect((await pool.connect('a', fixture.endpoint())).isOpen).toBe(true);
    expect(connections).toBe(2);
  });

  it('connects anew after a failure, and after the address has changed', async () => {
    await expect(pool.connect('a', fixture.endpoint({ user: 'nobody' }))).rejects.toMatchObject({ code: 'SSH_AUTH' });
    const root = await pool.connect('a', fixture.endpoint());
    const builder = await pool.connect('a', fixture.endpoint({ user: 'builder' }));
    expect(builder).not.toBe(root);
    await eventually('the old one to be closed', () => !root.isOpen);
  });

  it('closes what nobody asked for any more, but nothing that is in use', async () => {
    openPool({ idleMs: 50 });
    let finish = (): void => undefined;
    fixture.answer = (_request, response) => (finish = () => void response.writeHead(202).end());
    const agent = await pool.connect('a', fixture.endpoint());
    const shutdown = agent.shutdown();
    const other = await pool.connect('b', fixture.endpoint());
    await eventually('the idle one to be closed', () => !other.isOpen);
    expect(agent.isOpen).toBe(true);
    finish();
    await shutdown;
    await eventually('the other one too', () => !agent.isOpen);
  });

  it('gives a connection to its caller that took longer to make than idle ones are kept', async () => {
    const made = Promise.withResolvers<void>();
    const connect: AgentPoolOptions['connect'] = async (endpoint) => {
      await made.promise;
      return connectAgent(endpoint);
    };
    openPool({ connect, idleMs: 50 });
    const connecting = pool.connect('a', fixture.endpoint());
    // Timers of the same time are due in the order in which they were set.
    await new Promise((resolve) => setTimeout(resolve, 50));
    made.resolve();
    const agent = await connecting;
    fixture.answer = (_request, response) => void response.writeHead(202).end();
    await expect(agent.shutdown()).resolves.toBeUndefined();
  });

  it('closes the longest unused when there are too many', async () => {
    openPool({ maxConnections: 2 });
    const a = await pool.connect('a', fixture.endpoint());
    const b = await pool.connect('b', fixture.endpoint());
    await pool.connect('a', fixture.endpoint());
    await clock.sleep(5_000);
    await pool.connect('c', fixture.endpoint());
    await eventually('the longest unused to be closed', () => !b.isOpen);
    expect(a.isOpen).toBe(true);
  });

  it('drops one, and closes all', async () => {
    const a = await pool.connect('a', fixture.endpoint());
    const b = await pool.connect('b', fixture.endpoint());
    await pool.drop('a');
    await pool.drop('unknown');
    expect([a.isOpen, b.isOpen]).toEqual([false, true]);
    await pool.close();
    expect(b.isOpen).toBe(false);
  });
});
