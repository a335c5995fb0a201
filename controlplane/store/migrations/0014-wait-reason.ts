/**
 * Why a task waits: code, since when, how often, what to do. It belongs to the `waits_for` with the same clause; a node of
 * an earlier version writes `waits_for` alone. The index finds the tasks that wait for room in a cluster.
 */
export const WAIT_REASON_SQL = `
ALTER TABLE task ADD COLUMN wait_reason jsonb;
CREATE INDEX task_waits_for_room ON task (is_prioritized DESC, priority, id) WHERE wait_reason ->> 'isForRoom' = 'true';
`;
