import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../controlplane/store/schema.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { AttemptUuid, CallbackId, type TaskId } from '../../shared/model/ids.ts';
import { enrolmentSecret, sha256Hex } from '../../shared/keys/signing.ts';
import { createSshKeyPair } from '../../shared/keys/ssh-key.ts';
import type { LaunchedAgent } from './heartbeat-order.ts';
import { addSleepers } from './listeners.ts';

const ROWS_AT_ONCE = 1_000;

/** Makes tasks that wait until tomorrow, and for each a launched container that has not enrolled yet. */
export async function launchAgents(db: Db, count: number, masterKey: Buffer): Promise<LaunchedAgent[]> {
  await setGroup(db, { name: 'Listener' });
  await addSleepers(db, count);
  await sql`UPDATE task SET attempts = 1, current_attempt = 1`.execute(db);
  const { rows: tasks } = await sql<{ id: TaskId }>`SELECT id FROM task ORDER BY id`.execute(db);
  const { publicLine } = createSshKeyPair();
  const agents: LaunchedAgent[] = [];
  const attempts = tasks.map(({ id }) => {
    const uuid = AttemptUuid.parse(randomUUID());
    const secret = enrolmentSecret(masterKey, uuid);
    const callbackId = CallbackId.parse(randomBytes(64).toString('base64url'));
    agents.push({ callbackId, token: `${uuid}.${secret}` });
    return {
      uuid,
      taskId: id,
      number: 1,
      cluster: 'default',
      taskDefinition: null,
      state: 'launched' as const,
      launchKey: `launch-${id}`,
      callbackId,
      secretHash: sha256Hex(secret),
      clientKeySealed: null,
      clientPublicKey: publicLine,
    };
  });
  for (let from = 0; from < attempts.length; from += ROWS_AT_ONCE) {
    const rows = attempts.slice(from, from + ROWS_AT_ONCE);
    await db.insertInto('containerAttempt').values(rows).execute();
  }
  await sql`ANALYZE`.execute(db);
  return agents;
}
