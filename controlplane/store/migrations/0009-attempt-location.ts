/**
 * An attempt belongs to the ECS cluster of its intent for its whole life. The row that named it may be saved with other
 * values, or deleted, while the container runs. NULL: intended by a node of an earlier version.
 */
export const ATTEMPT_LOCATION_SQL = `
ALTER TABLE container_attempt ADD COLUMN location jsonb;
`;
