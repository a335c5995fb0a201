import { sql, type Kysely } from 'kysely';
import type { CallbackId } from '../../../shared/model/ids.ts';
import type { StepHeader } from '../../../shared/protocol/step-header.ts';
import { json } from '../json.ts';
import type { Schema } from '../schema.ts';

// A build can print headers as it likes, and the row of its attempt is read often.
const MOST_HEADERS = 1_000;

/** Notes the headers of steps that came in the output of a build. The same header again changes nothing. */
export async function noteStepHeaders(
  db: Kysely<Schema>,
  callbackId: CallbackId,
  headers: readonly StepHeader[],
): Promise<void> {
  for (const { event, number, ...rest } of headers) {
    const known = json([{ event, number }]);
    await sql`
      UPDATE container_attempt SET build_steps = coalesce(build_steps, '[]') || jsonb_build_array(
        ${json({ event, number, ...rest })} || jsonb_build_object('at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
      WHERE callback_id = ${callbackId} AND jsonb_array_length(coalesce(build_steps, '[]')) < ${MOST_HEADERS}
        AND NOT coalesce(build_steps, '[]') @> ${known}`.execute(db);
  }
}
