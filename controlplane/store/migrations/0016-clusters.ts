/**
 * Roles and sessions of clusters, how AWS is reached for them, and several clusters in an order: those that are tried when
 * one has no room, and those of a group. An attempt notes why it went to its cluster. A node of an earlier version refuses
 * a row with a role, and launches into the active cluster alone.
 */
export const CLUSTERS_SQL = `
ALTER TABLE ecs_cluster
  ADD COLUMN session_token_sealed text,
  ADD COLUMN external_id text,
  ADD COLUMN connection jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN fallback text[] NOT NULL DEFAULT '{}';
ALTER TABLE group_limit ADD COLUMN clusters text[] NOT NULL DEFAULT '{}';
ALTER TABLE container_attempt ADD COLUMN cluster_reason text;
`;
