/**
 * Builds of webhooks. `supersede_key`: what the build is of; a newer task with the same key may end it, and is then
 * `superseded_by`. `starts_after_maintenance`: it came during a maintenance and waits for its end. Nodes of the version before
 * know nothing of it and start such a task at once: early, and not lost.
 */
export const WEBHOOK_BUILDS_SQL = `
ALTER TABLE task ADD COLUMN supersede_key text, ADD COLUMN superseded_by bigint,
  ADD COLUMN starts_after_maintenance boolean NOT NULL DEFAULT false;
CREATE INDEX task_of_supersede_key ON task (supersede_key, id) WHERE supersede_key IS NOT NULL;
CREATE INDEX task_after_maintenance ON task (id) WHERE starts_after_maintenance;
`;
