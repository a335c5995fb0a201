/**
 * Rows that change all the time get room beside them for their next version: an update that touches no indexed column
 * (a state entered, a heartbeat) then stays on its page and leaves the indexes alone. Their dead versions are swept
 * early, because a claim walks over them: at a fiftieth of the table and not at PostgreSQL's fifth.
 */
export const STORAGE_SQL = `
ALTER TABLE task SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
ALTER TABLE container_attempt SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE group_limit SET (fillfactor = 50);
`;
