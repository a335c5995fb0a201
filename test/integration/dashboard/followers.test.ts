import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WITHOUT_BROWSER } from '../../kit/programs/browser.ts';
import { eventually } from '../../kit/eventually.ts';
import { useServedDashboard } from '../../kit/programs/served-dashboard.ts';

const OTHERS = 999;

describe.skipIf(WITHOUT_BROWSER !== undefined)(
  `a task that a thousand follow (${WITHOUT_BROWSER ?? 'in a browser'})`,
  () => {
    const served = useServedDashboard();
    const sockets: Socket[] = [];
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
    });

    /** Follows the task without a browser. Returns what has come so far. */
    async function follow(id: number, token: string): Promise<() => string> {
      const { host, hostname, port } = new URL(served.url);
      const socket = connect({ host: hostname, port: Number(port) });
      sockets.push(socket);
      let received = '';
      const started = Promise.withResolvers<void>();
      socket.once('error', started.reject);
      socket.on('data', (data: Buffer) => {
        received += data.toString('latin1');
        started.resolve();
      });
      socket.write(`GET /v1/tasks/${id}/stream HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      await started.promise;
      return () => received;
    }

    it('is shown on a page as it goes on, to its end, and to each of the others', async () => {
      await served.serve();
      const { services } = served;
      const { id } = await services.addTask({ kind: 'BuildSteps', title: 'Talks', options: {}, createdBy: 'ana' });
      const startedAt = services.clock.now().toISOString();
      services.change(id, { status: 'WAITING', phase: 'running', startedAt }, { output: 'first line\n' });
      const page = await served.browser.open(`${served.url}/tasks/${id}`);
      const token = services.giveToken({ name: 'vera', role: 'viewer' });
      const others = await Promise.all(Array.from({ length: OTHERS }, () => follow(id, token)));
      const all = (text: string): Promise<unknown> =>
        eventually(`all have ${text}`, () => others.every((received) => received().includes(text)));

      services.change(id, {}, { output: 'second line\n' });
      await page.locator('.ln', { hasText: 'second line' }).waitFor();
      await all(Buffer.from('second line\n').toString('base64'));

      const completedAt = services.clock.now().toISOString();
      services.change(id, { status: 'COMPLETE', phase: 'ended', exitStatus: 'ERROR_USER', completedAt });
      await page.locator('.verdict .st', { hasText: 'Failed' }).waitFor();
      await all('event: end\n');
      expect(others.filter((received) => received().split('event: end\n').length !== 2)).toEqual([]);
    });
  },
);
