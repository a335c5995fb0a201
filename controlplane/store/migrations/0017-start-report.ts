/** What a node found of the installation's containers when it started. A node of an earlier version leaves it null. */
export const START_REPORT_SQL = `
ALTER TABLE node ADD COLUMN start_report jsonb;
`;
