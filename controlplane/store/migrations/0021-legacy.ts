/** The secret with which a container without an agent sends its signals; null for all that have one. */
export const LEGACY_SQL = `
ALTER TABLE container_attempt ADD COLUMN signal_secret_hash text;
`;
