/**
 * Tables of a dump, in an order in which each row finds those it refers to. Each table is sorted by its key, so that the
 * same content is the same dump. A test compares it with the schema: a new table needs a line here or below.
 */
export const DUMPED_TABLES = [
  { name: 'setting', order: 'name' },
  { name: 'group_limit', order: 'name' },
  // A child is added after its parent, so it comes after it.
  { name: 'task', order: 'id' },
  { name: 'effect', order: 'key' },
  { name: 'outbox', order: 'effect_key' },
  { name: 'step', order: 'id' },
  { name: 'task_log', order: 'id' },
  { name: 'container_attempt', order: 'id' },
  { name: 'signal', order: 'id' },
  { name: 'output_stream', order: 'attempt_id, process_id, stream' },
  { name: 'output_chunk', order: 'id' },
  { name: 'usage_sample', order: 'attempt_id, at' },
  { name: 'ecs_cluster', order: 'name' },
  { name: 'task_definition', order: 'id' },
  { name: 'definition_revision', order: 'id' },
  { name: 'api_token', order: 'id' },
  { name: 'audit', order: 'id' },
] as const;
