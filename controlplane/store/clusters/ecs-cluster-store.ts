import { sql, type Insertable, type Kysely, type Selectable, type Transaction } from 'kysely';
import { OperationalError } from '../../../shared/model/error.ts';
import { openSealed, seal, type MasterKey } from '../../../shared/keys/sealing.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import { json, type JsonObject } from '../json.ts';
import { jsonText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import type { EcsClusterTable } from '../schema/operation-tables.ts';
import { clusterSecretContext, clusterTokenContext } from '../secrets/seal-contexts.ts';

export const DEFAULT_CLUSTER = 'default';

export interface StoredCluster {
  readonly name: string;
  readonly region: string;
  readonly cluster: string;
  /** null: the default credential chain of the AWS SDK. */
  readonly accessKeyId: string | null;
  readonly secretAccessKey: Secret<string> | null;
  /** Beside the access key of a session. */
  readonly sessionToken?: Secret<string> | null;
  readonly roleArn: string | null;
  readonly externalId?: string | null;
  readonly endpoint: string | null;
  /** `ConnectionSettings`, not yet checked. */
  readonly connection?: JsonObject;
  readonly launch: JsonObject;
  /** Clusters that are tried in this order when this one has no room. */
  readonly fallback?: readonly string[];
}

/**
 * The ECS clusters that tasks may run on. One is active: the one that was chosen, else `default`. The secret of a
 * cluster is sealed for its row, so that a copy of it in another row does not open.
 */
export class EcsClusterStore {
  readonly #db: Kysely<Schema>;
  readonly #masterKey: MasterKey;

  constructor(db: Kysely<Schema>, masterKey: MasterKey) {
    this.#db = db;
    this.#masterKey = masterKey;
  }

  async load(name: string): Promise<StoredCluster> {
    const row = await this.#db.selectFrom('ecsCluster').selectAll().where('name', '=', name).executeTakeFirst();
    if (!row) throw unknown(name);
    return this.#open(row);
  }

  async activeName(): Promise<string> {
    const chosen = await this.#db
      .selectFrom('ecsCluster')
      .select('name')
      .where('isActive', '=', true)
      .executeTakeFirst();
    return chosen?.name ?? DEFAULT_CLUSTER;
  }

  async active(): Promise<StoredCluster> {
    return this.load(await this.activeName());
  }

  /**
   * Adds the cluster or replaces the one of this name, without changing which cluster is active. `replaces`: when the replaced
   * version was saved (to the millisecond), or null for a new name. Throws CLUSTER_CHANGED when another version is stored.
   */
  async save(cluster: StoredCluster, replaces?: Date | null): Promise<void> {
    const {
      secretAccessKey,
      sessionToken,
      launch,
      externalId = null,
      connection = {},
      fallback = [],
      ...plain
    } = cluster;
    const secret =
      secretAccessKey && seal(this.#masterKey.reveal(), secretAccessKey.reveal(), clusterSecretContext(cluster.name));
    const token =
      sessionToken && seal(this.#masterKey.reveal(), sessionToken.reveal(), clusterTokenContext(cluster.name));
    const row = {
      ...plain,
      externalId,
      connection: jsonText(connection),
      fallback: [...fallback],
      launch: jsonText(launch),
      secretSealed: secret,
      sessionTokenSealed: token ?? null,
    };
    if (!(await this.#write(row, replaces))) throw changed(cluster.name);
  }

  /** Returns false when the stored version is not the one to be replaced. */
  async #write(row: Insertable<EcsClusterTable>, replaces: Date | null | undefined): Promise<boolean> {
    const change = { ...row, updatedAt: sql<Date>`now()` };
    if (replaces) {
      const { numUpdatedRows } = await this.#db
        .updateTable('ecsCluster')
        .set(change)
        .where('name', '=', row.name)
        .where(sql<Date>`date_trunc('milliseconds', updated_at)`, '=', replaces)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    }
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('ecsCluster')
      .values(row)
      .onConflict((on) => (replaces === null ? on.doNothing() : on.column('name').doUpdateSet(change)))
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  async use(name: string): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      await lockRows(tx);
      // Otherwise both would be active for an instant, which the unique index forbids.
      await tx.updateTable('ecsCluster').set({ isActive: false }).where('isActive', '=', true).execute();
      const { numUpdatedRows } = await tx
        .updateTable('ecsCluster')
        .set({ isActive: true })
        .where('name', '=', name)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw unknown(name);
    });
  }

  /** Deletes a cluster. Refuses the active cluster and `default`, because without them new tasks could not be launched. */
  async delete(name: string): Promise<void> {
    if (name === DEFAULT_CLUSTER) throw inUse(name, 'is the default', 'Save other values under its name instead');
    await this.#db.transaction().execute(async (tx) => {
      await lockRows(tx);
      // The row is locked first: a launch that is intended at the same time waits, and then finds no row (intend-launch.ts).
      const row = await tx
        .selectFrom('ecsCluster')
        .select('isActive')
        .where('name', '=', name)
        .forUpdate()
        .executeTakeFirst();
      if (!row) throw unknown(name);
      if (row.isActive) throw inUse(name, 'is the active one', 'Make another cluster the active one first');
      const live = await findLive(tx, name);
      if (live) throw inUse(name, `runs a container of task ${live.taskId}`, 'Wait until the task has ended');
      await tx.deleteFrom('ecsCluster').where('name', '=', name).execute();
    });
  }

  /**
   * Saves the same ECS cluster with a new address, which local ECS gets at each start. Attempts with running containers are moved
   * to the new address, and also recently ended ones: sweeps search for their containers for a while, and the old address no
   * longer answers.
   */
  async saveMoved(cluster: StoredCluster): Promise<void> {
    await this.save(cluster);
    const { name, region, endpoint, accessKeyId } = cluster;
    await sql`
      UPDATE container_attempt SET location = location || ${json({ endpoint, accessKeyId })}
      WHERE cluster = ${name}
        AND location->>'region' = ${region} AND location->>'cluster' = ${cluster.cluster}`.execute(this.#db);
    // Its revisions moved along with it.
    await sql`
      UPDATE definition_revision AS moved SET endpoint = ${endpoint ?? ''}, caller = ${accessKeyId ?? ''}
      WHERE region = ${region} AND cluster = ${cluster.cluster} AND NOT EXISTS (
        SELECT FROM definition_revision AS there
        WHERE there.endpoint = ${endpoint ?? ''} AND there.caller = ${accessKeyId ?? ''} AND there.arn = moved.arn)`.execute(
      this.#db,
    );
  }

  #open(row: Selectable<EcsClusterTable>): StoredCluster {
    const { secretSealed, sessionTokenSealed, isActive: _active, updatedAt: _updated, ...plain } = row;
    const open = (sealed: string | null, context: string): Secret<string> | null =>
      sealed === null ? null : new Secret(openSealed(this.#masterKey, sealed, context));
    return {
      ...plain,
      secretAccessKey: open(secretSealed, clusterSecretContext(row.name)),
      sessionToken: open(sessionTokenSealed, clusterTokenContext(row.name)),
    };
  }
}

/**
 * Serialises changes of operators: two who choose a cluster at once would each leave an active row that the other has not seen.
 * Launches lock only the row of their own cluster, so they are not blocked.
 */
async function lockRows(tx: Transaction<Schema>): Promise<void> {
  await sql`LOCK TABLE ecs_cluster IN SHARE ROW EXCLUSIVE MODE`.execute(tx);
}

/**
 * Returns a task that has a container in the cluster. An attempt whose launch was never answered no longer counts when its task
 * has ended.
 */
async function findLive(db: Kysely<Schema>, cluster: string): Promise<{ taskId: number } | undefined> {
  return db
    .selectFrom('containerAttempt as attempt')
    .innerJoin('task', 'task.id', 'attempt.taskId')
    .select('attempt.taskId')
    .where('attempt.cluster', '=', cluster)
    .where((where) =>
      where.or([
        where('attempt.state', '=', 'launched'),
        where.and([where('attempt.state', '=', 'intended'), where('task.status', '<>', TASK_STATUS.COMPLETE)]),
      ]),
    )
    .executeTakeFirst();
}

function changed(name: string): OperationalError {
  return new OperationalError('CLUSTER_CHANGED', {
    happened: `Somebody else has saved or deleted the cluster "${name}" meanwhile, and nothing was saved now`,
    remedy: 'Look at it as it is, and repeat the change if it is still wanted',
  });
}

function unknown(name: string): OperationalError {
  return new OperationalError('CLUSTER_UNKNOWN', {
    happened: `There is no cluster "${name}"`,
    remedy: 'See which there are with "wipctl clusters list"',
  });
}

function inUse(name: string, why: string, remedy: string): OperationalError {
  return new OperationalError('CLUSTER_IN_USE', {
    happened: `The cluster "${name}" ${why} and was not deleted`,
    remedy,
  });
}
