import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../controlplane/config.ts';
import { startControlPlane, type ControlPlane } from '../../../controlplane/server.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { eventually } from '../../kit/eventually.ts';

const TOKEN = 'the-token-of-this-very-test';

async function start(
  closePrepared: () => Promise<void>,
  stop: AbortSignal,
  { clock, drainSeconds }: { readonly clock: Clock; readonly drainSeconds: number } = {
    clock: systemClock,
    drainSeconds: 0,
  },
): Promise<ControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'wip-ending-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const tokenFile = join(directory, 'admin');
  writeFileSync(tokenFile, TOKEN);
  const given = {
    mode: 'development',
    data_dir: join(directory, 'data'),
    port: 0,
    admin_token_file: tokenFile,
    drain_seconds: drainSeconds,
  } as const;
  return startControlPlane({
    config: loadConfig({ environment: {}, given }),
    environment: {},
    version: 'test',
    clock,
    random: Math.random,
    log: createLogger('test', 'silent'),
    stop,
    prepare: () => Promise.resolve(closePrepared),
  });
}

it('a node is not ready and takes no tasks from the first SIGTERM, and leaves nothing open although a part fails', async () => {
  const held = Promise.withResolvers<void>();
  const stop = new AbortController();
  const closePrepared = async (): Promise<void> => {
    await held.promise;
    throw new Error('ENOSPC: no space left on device, write');
  };
  const node = await start(closePrepared, stop.signal);
  const ask = async (path: string, body?: object): Promise<[number, unknown]> => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const call = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(node.url + path, call);
    return [answer.status, await answer.json()];
  };
  const task = { kind: 'BuildSteps', options: { sourceVcsUri: 'https://example.org/a.git', vcsPath: 'main' } };
  expect((await ask('/readyz'))[0]).toBe(200);

  stop.abort();
  const ending = { ready: false, reasons: ['this node is ending'] };
  expect(await ask('/readyz')).toEqual([503, ending]);
  const closed = node.close().catch((error: unknown) => error);
  expect(await ask('/readyz')).toEqual([503, ending]);
  expect(await ask('/v1/tasks', task)).toMatchObject([503, { code: 'NODE_ENDING' }]);

  held.resolve();
  const told = await closed;
  expect(told).toMatchObject({ code: 'STOP_INCOMPLETE' });
  expect((told as Error).message).toContain('local ECS: ENOSPC: no space left on device, write');
  await expect(ask('/healthz')).rejects.toThrow('fetch failed');
  await expect(node.db.selectFrom('task').selectAll().execute()).rejects.toThrow();
});

/** The clock of the machine, but the wait of a node that ends lasts until it is let go. */
function patientClock(): { readonly clock: Clock; readonly waits: number[]; readonly letGo: () => void } {
  const held = Promise.withResolvers<void>();
  const waits: number[] = [];
  const sleep: Clock['sleep'] = (ms, signal) => {
    if (signal !== undefined || ms < 500_000) return systemClock.sleep(ms, signal);
    waits.push(ms);
    return held.promise;
  };
  return { clock: { ...systemClock, sleep }, waits, letGo: held.resolve };
}

it('the listener was gone 8 ms after SIGTERM: with drain_seconds a balancer has the time to see that /readyz is 503', async () => {
  const stop = new AbortController();
  const { clock, waits, letGo } = patientClock();
  const node = await start(() => Promise.resolve(), stop.signal, { clock, drainSeconds: 600 });
  stop.abort();
  const closed = node.close();
  await eventually('the node waits', () => waits.length === 1);
  expect(waits[0]).toBeLessThanOrEqual(600_000);
  const connection = { connection: 'close' };
  const ready = await fetch(`${node.url}/readyz`, { headers: connection });
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reasons: ['this node is ending'] }]);
  const groups = await fetch(`${node.url}/v1/groups`, { headers: { ...connection, authorization: `Bearer ${TOKEN}` } });
  expect(groups.status).toBe(200);
  letGo();
  await closed;
  await expect(fetch(`${node.url}/healthz`)).rejects.toThrow('fetch failed');
});

it('a node that cannot go on does not wait for a balancer', async () => {
  const { clock, waits } = patientClock();
  const node = await start(() => Promise.resolve(), new AbortController().signal, { clock, drainSeconds: 600 });
  await node.close();
  expect(waits).toEqual([]);
});
