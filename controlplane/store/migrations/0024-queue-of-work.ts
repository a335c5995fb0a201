/** The queue of each work id, by which its first task is found however many are behind it (startable.ts). */
export const QUEUE_OF_WORK_SQL = `
CREATE INDEX task_queued_of_work ON task (group_name, work_id, is_prioritized DESC, priority, id)
  WHERE slot = 'none' AND status IN (0, 4);
`;
