import type { ColumnType } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';

/** See migrations/0008-outbox.ts. */
export interface OutboxTable {
  effectKey: string;
  taskId: TaskId;
  isRepeatable: boolean;
  tries: ColumnType<number, number | undefined, number>;
  dueAt: ColumnType<Date, Date | undefined, Date>;
  tryingSince: Date | null;
  giveUpAt: Date;
  lastError: string | null;
}
