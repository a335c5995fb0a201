/**
 * Which master keys a node has, and which one it seals with since when: a rotation goes on only when every node that lives
 * can open what the others seal. Nodes of the version before say nothing of it.
 */
export const NODE_KEYS_SQL = `
ALTER TABLE node
  ADD COLUMN master_keys text[],
  ADD COLUMN sealing_key text,
  ADD COLUMN sealing_since timestamptz;
`;
