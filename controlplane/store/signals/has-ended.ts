import { sql } from 'kysely';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';

/** Whether a row of `container_attempt` has an exit signal: what its container says after it changes nothing of the attempt. */
export const HAS_ENDED = sql<boolean>`EXISTS (
  SELECT FROM signal WHERE signal.attempt_id = container_attempt.id AND signal.class_id = ${CLASS_ID.exit})`;
