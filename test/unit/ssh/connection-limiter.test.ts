import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ConnectionLimiter } from '../../../agent/ssh/connection-limiter.ts';

const LOGIN_GRACE_MS = 15_000;
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Returns both ends of a connection over loopback. */
async function connected(): Promise<{ near: Socket; far: Socket; close: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  const near = await accepted;
  return {
    near,
    far,
    close() {
      far.destroy();
      near.destroy();
      server.close();
    },
  };
}

it('a stranger who does not log in within 15 s is sent away', async () => {
  const { near, close } = await connected();
  expect(new ConnectionLimiter().admit(near)).toBe(true);
  vi.advanceTimersByTime(LOGIN_GRACE_MS - 1);
  expect(near.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(near.destroyed).toBe(true);
  close();
});

it('whoever has logged in stays', async () => {
  const { near, close } = await connected();
  const limiter = new ConnectionLimiter();
  limiter.admit(near);
  limiter.markLoggedIn(near.remoteAddress ?? '', near.remotePort ?? 0);
  vi.advanceTimersByTime(10 * LOGIN_GRACE_MS);
  expect(near.destroyed).toBe(false);
  close();
});
