import type { Kysely } from 'kysely';
import type { JsonObject } from '../json.ts';
import type { Schema } from '../schema.ts';

/** A cluster as everybody may see it: without its secret. */
export interface ListedCluster {
  readonly name: string;
  readonly region: string;
  readonly cluster: string;
  readonly accessKeyId: string | null;
  readonly hasSecret: boolean;
  readonly roleArn: string | null;
  readonly endpoint: string | null;
  readonly launch: JsonObject;
  readonly isActive: boolean;
  readonly updatedAt: Date;
}

export async function listClusters(db: Kysely<Schema>): Promise<ListedCluster[]> {
  return db
    .selectFrom('ecsCluster')
    .select(['name', 'region', 'cluster', 'accessKeyId', 'roleArn', 'endpoint', 'launch', 'isActive', 'updatedAt'])
    .select((row) => row('secretSealed', 'is not', null).$castTo<boolean>().as('hasSecret'))
    .orderBy('name')
    .execute();
}
