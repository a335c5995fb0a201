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
  readonly hasSessionToken: boolean;
  readonly roleArn: string | null;
  readonly externalId: string | null;
  readonly endpoint: string | null;
  readonly connection: JsonObject;
  readonly launch: JsonObject;
  readonly fallback: readonly string[];
  readonly isActive: boolean;
  readonly updatedAt: Date;
}

export async function listClusters(db: Kysely<Schema>): Promise<ListedCluster[]> {
  return db
    .selectFrom('ecsCluster')
    .select(['name', 'region', 'cluster', 'accessKeyId', 'roleArn', 'externalId', 'endpoint', 'connection'])
    .select(['launch', 'fallback', 'isActive', 'updatedAt'])
    .select((row) => [
      row('secretSealed', 'is not', null).$castTo<boolean>().as('hasSecret'),
      row('sessionTokenSealed', 'is not', null).$castTo<boolean>().as('hasSessionToken'),
    ])
    .orderBy('name')
    .execute();
}
