/**
 * What a task was ordered with, as keyed digests of its parts, beside the submitter's own id of it: so that the same id with
 * another order is told from a repetition. Null in tasks without such an id, and in those that an earlier version added.
 */
export const JOB_DIGEST_SQL = `
ALTER TABLE task ADD COLUMN job_digest jsonb;
`;
