import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jwtVerify } from 'jose';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestDatabases, type TestDatabase, type TestDatabases } from '../kit/database/database.ts';
import { ServedInstallation, type StartedNode } from '../kit/programs/served-installation.ts';
import { githubHeaders, githubPush } from '../kit/network/webhooks.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';

// The way of docker/keys.md: each key of an installation is changed while nodes and builds go on. Nodes start again one by one,
// as an ECS service does it: the new one is ready before the old one ends.

const random = (): string => randomBytes(32).toString('base64url');
const OLD = { master: randomBytes(32), admin: random(), hook: random(), password: random(), statistics: random() };
const NEW = { master: randomBytes(32), admin: random(), hook: random(), password: random(), statistics: random() };
const TokenList = z.object({ tokens: z.array(z.object({ id: z.number(), name: z.string() })) });
const ROLE = `wip_rotated_${randomBytes(4).toString('hex')}`;

let databases: TestDatabases;
let database: TestDatabase;
let wip: ServedInstallation;
/** What each build got as PIPELINES_STATS_KEY, by its branch. */
const statisticsKeys: string[] = [];

beforeAll(async () => {
  databases = await startTestDatabases();
  database = await databases.fresh(2);
  await sql.raw(`CREATE ROLE ${ROLE} LOGIN SUPERUSER PASSWORD '${OLD.password}'`).execute(database.db);
  const build = simulatedBuild(() => ({ runsFor: 1, stdout: 'built\n' }));
  wip = await ServedInstallation.start((body, place) => {
    const key = place.environment['PIPELINES_STATS_KEY'] ?? place.secure['PIPELINES_STATS_KEY'];
    if (Array.isArray(body.command) && body.command.includes('--event') && key !== undefined) statisticsKeys.push(key);
    return build(body, place);
  });
  await wip.configure(database.db, OLD.master);
  writeFileSync(path.join(wip.directory, 'hook-secret'), `${OLD.hook}\n`);
  const hook = { repository: 'acme/app', secret_file: 'hook-secret' };
  writeFileSync(path.join(wip.directory, 'hooks.yml'), JSON.stringify({ github: [hook] }));
});
afterAll(async () => {
  await wip?.close();
  await sql.raw(`DROP ROLE IF EXISTS ${ROLE}`).execute(database.db);
  await databases?.close();
});

interface NodeKeys {
  readonly admin: string;
  readonly password: string;
  readonly statistics: string;
  readonly master: Buffer;
  readonly oldMaster?: Buffer;
}

function nodeWith({ admin, password, statistics, master, oldMaster }: NodeKeys): StartedNode {
  const databaseUrl = Object.assign(new URL(database.url), { username: ROLE, password }).href;
  const settings = {
    WIP_ADMIN_TOKEN: admin,
    WIP_PIPELINES_STATS_KEY: statistics,
    WIP_HOOKS_FILE: path.join(wip.directory, 'hooks.yml'),
    WIP_DATABASE_POOL: '6',
    ...(oldMaster && { WIP_MASTER_KEYS_OLD: oldMaster.toString('base64') }),
  };
  return { databaseUrl, masterKey: master, settings };
}

/** Returns the status that a token gets. */
async function statusOf(token: string): Promise<number> {
  const answer = await fetch(new URL('/v1/me', wip.url), { headers: { authorization: `Bearer ${token}` } });
  return answer.status;
}

/** Returns the status that a delivery with a secret gets. */
async function deliver(secret: string, id: string): Promise<number> {
  // A push of its own: one body is one delivery, under whatever id it comes.
  const body = JSON.stringify({ ...githubPush(), pushed: id });
  const headers = githubHeaders(secret, body, 'push', id);
  return (await fetch(new URL('/v1/hooks/github', wip.url), { method: 'POST', headers, body })).status;
}

async function expectCompleted(id: number): Promise<void> {
  const { exitStatus, exitMessage } = await wip.ended(id);
  expect(`${exitStatus}: ${exitMessage}`).toContain('COMPLETED: The build succeeded.');
}

async function expectBuilt(branch: string): Promise<void> {
  await expectCompleted(await wip.addBuild(branch));
}

const isSignedWith = async (token: string, key: string): Promise<boolean> =>
  jwtVerify(token, new TextEncoder().encode(key)).then(
    () => true,
    () => false,
  );

describe('the keys of a running installation', () => {
  it('that are settings are changed by starting the nodes again, one by one', async () => {
    await wip.startNode('old', nodeWith(OLD));
    await expectBuilt('before');
    expect([await statusOf(OLD.admin), await statusOf(NEW.admin)]).toEqual([200, 401]);
    expect([await deliver(OLD.hook, 'a'), await deliver(NEW.hook, 'b')]).toEqual([201, 401]);

    // From here on the old node gets no further connection to the database; the build goes on all the same.
    const during = await wip.addBuild('during');
    await sql.raw(`ALTER ROLE ${ROLE} PASSWORD '${NEW.password}'`).execute(database.db);
    appendFileSync(path.join(wip.directory, 'hook-secret'), `${NEW.hook}\n`);
    await wip.startNode('new', nodeWith({ ...NEW, oldMaster: OLD.master }));
    await wip.endNode('old', 'close');
    await expectCompleted(during);
    await expectBuilt('after');

    expect([await statusOf(OLD.admin), await statusOf(NEW.admin)]).toEqual([401, 200]);
    expect([await deliver(OLD.hook, 'c'), await deliver(NEW.hook, 'd')]).toEqual([201, 201]);
    const [first = '', last = ''] = [statisticsKeys[0], statisticsKeys.at(-1)];
    expect([await isSignedWith(first, OLD.statistics), await isSignedWith(first, NEW.statistics)]).toEqual([
      true,
      false,
    ]);
    expect([await isSignedWith(last, OLD.statistics), await isSignedWith(last, NEW.statistics)]).toEqual([false, true]);
  });

  it('that seal are changed by commands, and the old ones are taken away when the command says so', async () => {
    const status = await wip.wipctl(['secrets', 'status']);
    expect(status.out).not.toContain('Every other master key can be removed.');
    expect(await wip.wipctl(['secrets', 'rotate'])).toMatchObject({ exitCode: 0 });
    expect((await wip.wipctl(['secrets', 'status'])).out).toContain('Every other master key can be removed.');
    expect(await wip.wipctl(['secrets', 'rotate-build-key'])).toMatchObject({ exitCode: 0 });
    expect(await wip.json('secrets', 'build-keys')).toMatchObject({ keys: [{}, {}] });

    writeFileSync(path.join(wip.directory, 'hook-secret'), `${NEW.hook}\n`);
    await wip.startNode('last', nodeWith(NEW));
    await wip.endNode('new', 'close');
    expect([await deliver(OLD.hook, 'e'), await deliver(NEW.hook, 'f')]).toEqual([401, 201]);
    await expectBuilt('with-new-keys-only');
  });

  it('that people have are taken back at once', async () => {
    const { out } = await wip.wipctl(['tokens', 'create', 'ci', '--role', 'submitter']);
    const token = out.trim();
    expect(await statusOf(token)).toBe(200);
    const { tokens } = TokenList.parse(await wip.json('tokens', 'list'));
    const [ci] = tokens.filter(({ name }) => name === 'ci');
    expect(await wip.wipctl(['tokens', 'revoke', String(ci?.id)])).toMatchObject({ exitCode: 0 });
    expect(await statusOf(token)).toBe(401);
  });
});
