/**
 * What the pages of queue and health ask. Nodes of the version before leave the clock of a node null. The indexes hold failed
 * tasks, the branches of builds, and what people did to one subject.
 */
export const QUEUE_AND_CAUSES_SQL = `
ALTER TABLE node ADD COLUMN clock_offset_ms double precision;
CREATE INDEX task_failed ON task (completed_at) WHERE status = 3 AND exit_status IN (2, 5);
CREATE INDEX task_failed_alike ON task (group_name, cause, completed_at) WHERE status = 3 AND exit_status IN (2, 5);
-- For the filter of a branch in any repository. Options never change, so that no update touches it.
CREATE INDEX task_of_branch ON task ((options ->> 'vcsPath'), id) WHERE (options ->> 'vcsPath') IS NOT NULL;
CREATE INDEX audit_of_subject ON audit (subject, id);
`;
