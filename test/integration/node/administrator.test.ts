import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../controlplane/config.ts';
import { startControlPlane, type ControlPlane } from '../../../controlplane/server.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const ADMIN_TOKEN = 'the-token-of-the-administrator';
const databases = useTestDatabases();

async function startNode(): Promise<ControlPlane> {
  const { url } = await databases.fresh();
  const directory = mkdtempSync(join(tmpdir(), 'wip-admin-'));
  const tokenFile = join(directory, 'admin');
  writeFileSync(tokenFile, ADMIN_TOKEN);
  const node = await startControlPlane({
    config: loadConfig({
      environment: {},
      given: {
        mode: 'development',
        database_url: url,
        data_dir: join(directory, 'data'),
        port: 0,
        admin_token_file: tokenFile,
      },
    }),
    environment: {},
    version: 'test',
    clock: systemClock,
    random: Math.random,
    log: createLogger('test', 'silent'),
  });
  onTestFinished(async () => {
    await node.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return node;
}

it('the first administrator gets in with the token of the file, and gives out tokens that get in beside it', async () => {
  const node = await startNode();
  const ask = async (token: string, method: string, path: string, body?: object): Promise<[number, unknown]> => {
    const headers = { authorization: `Bearer ${token}` };
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(node.url + path, { method, headers, ...payload });
    return [answer.status, await answer.json()];
  };
  expect((await ask('another-token-of-nobody-at-all', 'GET', '/v1/tokens'))[0]).toBe(401);
  expect(await ask(ADMIN_TOKEN, 'GET', '/v1/tokens')).toEqual([200, { tokens: [] }]);

  const [status, created] = await ask(ADMIN_TOKEN, 'POST', '/v1/tokens', { name: 'ann', role: 'viewer' });
  const { token, id } = created as { token: string; id: number };
  expect(status).toBe(201);
  expect((await ask(token, 'GET', '/v1/ping'))[0]).toBe(200);
  expect((await ask(token, 'GET', '/v1/tokens'))[0]).toBe(403);

  expect((await ask(ADMIN_TOKEN, 'DELETE', `/v1/tokens/${id}`))[0]).toBe(200);
  expect((await ask(token, 'GET', '/v1/ping'))[0]).toBe(401);
  const [, { entries }] = (await ask(ADMIN_TOKEN, 'GET', '/v1/audit?subject=token')) as [
    number,
    { entries: { actor: string; action: string }[] },
  ];
  expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual(['admin revoke', 'admin create']);
});
