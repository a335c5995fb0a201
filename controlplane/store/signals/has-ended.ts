import { sql } from 'kysely';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';

/** Condition: the row of `container_attempt` has an exit signal. Later reports of its container do not change the attempt. */
export const HAS_ENDED = sql<boolean>`EXISTS (
  SELECT FROM signal WHERE signal.attempt_id = container_attempt.id AND signal.class_id = ${CLASS_ID.exit})`;
