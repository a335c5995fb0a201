/**
 * Requests that must reach their receiver in order, such as the statuses of one build: those of a task in one lane are sent
 * one after the other. A node of an earlier version knows no lanes and may send them in any order while it runs beside newer ones.
 */
export const OUTBOX_LANES_SQL = `
ALTER TABLE outbox ADD COLUMN lane text;
-- The order in which they were given: rows of a task are added under the lock of its row.
ALTER TABLE outbox ADD COLUMN nth bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX outbox_lane ON outbox (task_id, lane, nth) WHERE lane IS NOT NULL;
`;
