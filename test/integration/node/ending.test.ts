import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../controlplane/config.ts';
import { startControlPlane, type ControlPlane } from '../../../controlplane/server.ts';
import { systemClock } from '../../../shared/support/clock.ts';
import { createLogger } from '../../../shared/support/logger.ts';

const TOKEN = 'the-token-of-this-very-test';

async function start(closePrepared: () => Promise<void>, stop: AbortSignal): Promise<ControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'wip-ending-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const tokenFile = join(directory, 'admin');
  writeFileSync(tokenFile, TOKEN);
  const given = {
    mode: 'development',
    data_dir: join(directory, 'data'),
    port: 0,
    admin_token_file: tokenFile,
  } as const;
  return startControlPlane({
    config: loadConfig({ environment: {}, given }),
    environment: {},
    version: 'test',
    clock: systemClock,
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
