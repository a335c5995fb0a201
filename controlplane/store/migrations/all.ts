import { TASKS_SQL } from './0001-tasks.ts';
import { CONTAINERS_SQL } from './0002-containers.ts';
import { OPERATION_SQL } from './0003-operation.ts';
import { BEGIN_STEP_SQL } from './0004-begin-step.ts';
import { STORAGE_SQL } from './0005-storage.ts';
import { OPEN_STEP_SQL } from './0006-open-step.ts';
import { TAKE_STEP_SQL } from './0007-take-step.ts';
import { OUTBOX_SQL } from './0008-outbox.ts';
import { ATTEMPT_LOCATION_SQL } from './0009-attempt-location.ts';
import { NODE_KEYS_SQL } from './0010-node-keys.ts';
import { JOB_DIGEST_SQL } from './0011-job-digest.ts';
import { OUTBOX_LANES_SQL } from './0012-outbox-lanes.ts';
import { CAUSES_SQL } from './0013-causes.ts';
import { WAIT_REASON_SQL } from './0014-wait-reason.ts';
import { DEFINITION_REVISIONS_SQL } from './0015-definition-revisions.ts';
import { CLUSTERS_SQL } from './0016-clusters.ts';
import { START_REPORT_SQL } from './0017-start-report.ts';
import { API_SQL } from './0018-api.ts';
import { QUEUE_AND_CAUSES_SQL } from './0019-queue-and-causes.ts';
import { LEGACY_SQL } from './0021-legacy.ts';
import { WEBHOOK_BUILDS_SQL } from './0022-webhook-builds.ts';
import { OUTPUT_COMPRESSION_SQL } from './0023-output-compression.ts';
import { QUEUE_OF_WORK_SQL } from './0024-queue-of-work.ts';

export interface SchemaMigration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** The schema that a node must know at least to go on after this migration; SERVES_FROM unless given. */
  readonly servesFrom?: number;
}

/** Forward only and never edited once released: a change is a new number at the end. */
export const MIGRATIONS: readonly SchemaMigration[] = [
  { number: 1, name: 'tasks', sql: TASKS_SQL },
  { number: 2, name: 'containers', sql: CONTAINERS_SQL },
  { number: 3, name: 'operation', sql: OPERATION_SQL },
  { number: 4, name: 'begin-step', sql: BEGIN_STEP_SQL },
  { number: 5, name: 'storage', sql: STORAGE_SQL },
  { number: 6, name: 'open-step', sql: OPEN_STEP_SQL },
  { number: 7, name: 'take-step', sql: TAKE_STEP_SQL },
  { number: 8, name: 'outbox', sql: OUTBOX_SQL },
  { number: 9, name: 'attempt-location', sql: ATTEMPT_LOCATION_SQL },
  { number: 10, name: 'node-keys', sql: NODE_KEYS_SQL },
  { number: 11, name: 'job-digest', sql: JOB_DIGEST_SQL },
  { number: 12, name: 'outbox-lanes', sql: OUTBOX_LANES_SQL },
  { number: 13, name: 'causes', sql: CAUSES_SQL },
  { number: 14, name: 'wait-reason', sql: WAIT_REASON_SQL },
  { number: 15, name: 'definition-revisions', sql: DEFINITION_REVISIONS_SQL },
  { number: 16, name: 'clusters', sql: CLUSTERS_SQL },
  { number: 17, name: 'start-report', sql: START_REPORT_SQL },
  { number: 18, name: 'api', sql: API_SQL },
  { number: 19, name: 'queue-and-causes', sql: QUEUE_AND_CAUSES_SQL },
  { number: 21, name: 'legacy', sql: LEGACY_SQL },
  { number: 22, name: 'webhook-builds', sql: WEBHOOK_BUILDS_SQL },
  { number: 23, name: 'output-compression', sql: OUTPUT_COMPRESSION_SQL },
  { number: 24, name: 'queue-of-work', sql: QUEUE_OF_WORK_SQL },
];

/**
 * The oldest schema whose nodes go on on this one: that of the node which test/fixtures/previous-node keeps, because it is
 * the one that is tested. Each migration writes it down when it runs, so that an older node can tell whether it may start.
 */
export const SERVES_FROM = 6;

/** The number of the schema. Numbers may leave gaps, so it is not the count of migrations. */
export const SCHEMA_NUMBER = MIGRATIONS.at(-1)!.number;
