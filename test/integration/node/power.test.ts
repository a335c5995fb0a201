import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Power } from '../../testkit/system/power.ts';

/** Starts a server that sends every byte back. */
async function startEcho(): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the power of a node', () => {
  it('comes back after one thaw, however often it froze and though a connection was being made', async () => {
    const port = await startEcho();
    const power = new Power();
    const socket = power.run(() => connect(port, '127.0.0.1'));
    power.freeze();
    await once(socket, 'connect');
    power.freeze();
    socket.write('hello');
    power.thaw();
    expect(String(await once(socket, 'data'))).toBe('hello');
    power.cut();
  });

  it('takes its sockets with it when it is cut, and gives no others', async () => {
    const port = await startEcho();
    const power = new Power();
    const socket = power.run(() => connect(port, '127.0.0.1'));
    await once(socket, 'connect');
    power.cut();
    await once(socket, 'close');
    const late = power.run(() => connect(port, '127.0.0.1'));
    expect(late.destroyed).toBe(true);
  });
});
