import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EcsClient } from '../../../controlplane/ecs/client/ecs-client.ts';
import { cleanOnce, type CleaningDeps } from '../../../controlplane/node/clean-definitions.ts';
import { listRevisions } from '../../../controlplane/store/clusters/definition-revisions.ts';
import { saveDefinition } from '../../../controlplane/store/clusters/task-definitions.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { openTestClient, PATIENT_CONTAINER, silentLog, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { launchAttempt, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
let test: TestEcs;
let client: EcsClient;
beforeAll(async () => {
  test = await startTestEcs(PATIENT_CONTAINER, {});
  client = openTestClient(test.ecs);
});
afterAll(async () => {
  client.close();
  await test.close();
});

const SCOPE = { endpoint: 'http://127.0.0.1', caller: '', region: 'local' };

/** Registers revisions of one family and returns their ARNs, the oldest first. */
async function register(db: Db, family: string, count: number): Promise<string[]> {
  const arns: string[] = [];
  for (let nth = 1; nth <= count; nth += 1) {
    const definition = { family, containerDefinitions: [{ name: 'build', image: `i:${nth}`, memory: 64 }] };
    const { arn, revision } = await client.registerTaskDefinition(definition);
    await saveDefinition(db, { ...SCOPE, family, cluster: 'c', contentHash: `h${nth}`, arn, revision, definition });
    arns.push(arn);
  }
  await sql`UPDATE definition_revision SET used_at = now() - make_interval(days => 3, mins => -revision)`.execute(db);
  return arns;
}

/** Lets hours pass for what is out of use. */
async function passHours(db: Db): Promise<void> {
  await sql`UPDATE definition_revision
    SET retired_at = retired_at - interval '2 hours', deregistered_at = deregistered_at - interval '2 hours'`.execute(
    db,
  );
}

function depsOf(db: Db, keep: number): CleaningDeps {
  const registry = { ...SCOPE, open: () => Promise.resolve(client) };
  return { db, keep, log: silentLog, listRegistries: () => Promise.resolve([registry, registry]) };
}

async function statesOf(db: Db): Promise<string[]> {
  const rows = await listRevisions(db);
  return rows.map(
    (row) => `${row.revision} ${row.deregisteredAt ? 'deregistered' : row.retiredAt ? 'retired' : 'active'}`,
  );
}

describe('cleaning task definitions', () => {
  it('keeps those that were used last, and takes an hour between the steps', async () => {
    const { db } = await databases.fresh();
    await register(db, 'WIP_clean', 3);
    const deps = depsOf(db, 1);
    await cleanOnce(deps);
    expect(await statesOf(db)).toEqual(['3 active', '2 retired', '1 retired']);
    await cleanOnce(deps);
    expect(await statesOf(db)).toEqual(['3 active', '2 retired', '1 retired']);
    await passHours(db);
    await cleanOnce(deps);
    expect(await statesOf(db)).toEqual(['3 active', '2 deregistered', '1 deregistered']);
    await passHours(db);
    await cleanOnce(deps);
    expect(await statesOf(db)).toEqual(['3 active']);
  });

  it('never removes what a container is pinned to, nor what was used within a day', async () => {
    const { db } = await databases.fresh();
    const [oldest, second] = await register(db, 'WIP_pinned', 3);
    const attempt = await launchAttempt(db, await startedTask(db));
    await sql`UPDATE container_attempt SET task_definition = ${oldest} WHERE id = ${attempt.id}`.execute(db);
    await sql`UPDATE definition_revision SET used_at = now() WHERE arn = ${second}`.execute(db);
    await cleanOnce(depsOf(db, 1));
    expect(await statesOf(db)).toEqual(['3 retired', '2 active', '1 active']);
    // It was retired before an attempt was pinned to it, as in a race between two nodes.
    await sql`UPDATE definition_revision SET retired_at = now() WHERE arn = ${oldest}`.execute(db);
    await passHours(db);
    await cleanOnce(depsOf(db, 1));
    expect(await statesOf(db)).toEqual(['3 deregistered', '2 active', '1 retired']);
  });

  it('goes on with what ECS does not know any more', async () => {
    const { db } = await databases.fresh();
    const [gone] = await register(db, 'WIP_gone', 2);
    await client.deregisterTaskDefinition(gone!);
    expect(await client.deleteTaskDefinitions([gone!])).toEqual({ deleted: [gone] });
    await cleanOnce(depsOf(db, 1));
    for (let round = 0; round < 2; round += 1) {
      await passHours(db);
      await cleanOnce(depsOf(db, 1));
    }
    expect(await statesOf(db)).toEqual(['2 active']);
  });
});
