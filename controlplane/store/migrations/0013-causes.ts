/**
 * Why a task or a container ended, as it was decided: cause, fault, retry, sentence, remedy and evidence. Null in rows of
 * earlier versions, and where a node of the version before has written the end. `released_at`: when the task asked the
 * agent to shut down, so that such an end is not taken for somebody else's act.
 */
export const CAUSES_SQL = `
ALTER TABLE task ADD COLUMN end_cause jsonb;
ALTER TABLE container_attempt ADD COLUMN end_cause jsonb, ADD COLUMN released_at timestamptz;
`;
