/**
 * What the API shows of a running build: the limits that its agent enforces, and the steps whose headers have come in its
 * output. Both are null in attempts of nodes of an earlier version, and then nothing of them is shown.
 */
export const API_SQL = `
ALTER TABLE container_attempt ADD COLUMN limits jsonb;
ALTER TABLE container_attempt ADD COLUMN build_steps jsonb;
-- The groups whose tasks a submitter's token sees beside its own; a token of an earlier version sees its own only.
ALTER TABLE api_token ADD COLUMN groups text[] NOT NULL DEFAULT '{}';
-- Repository and branch of a build, without user and password: for filters, and for what is usual for a branch. Options never
-- change, so that an update of a task need not touch the indexes.
CREATE FUNCTION wip_repository(options jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  regexp_replace(coalesce(options ->> 'sourceVcsUri', options ->> 'vcsUri'), '^([a-zA-Z][a-zA-Z0-9+.-]*://)[^/@]*@', '\\1');
CREATE INDEX task_of_repository ON task (wip_repository(options), id) WHERE wip_repository(options) IS NOT NULL;
CREATE INDEX task_succeeded ON task (group_name, wip_repository(options), (options ->> 'vcsPath'), completed_at)
  WHERE status = 3 AND exit_status IN (1, 4) AND wip_repository(options) IS NOT NULL;
`;
