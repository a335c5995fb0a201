import type { TaskView } from '../../api/tasks/task-views.ts';
import type { WipClient } from '../client/wip-client.ts';
import type { OutputForm } from '../output/output-writer.ts';
import type { PieceFilter } from './select-pieces.ts';

/** A request of `wipctl logs`. */
export interface LogsRequest {
  readonly client: WipClient;
  readonly task: TaskView;
  readonly filter: PieceFilter;
  readonly form: OutputForm;
  /** Null: all lines. */
  readonly tail: number | null;
  readonly format: 'text' | 'json';
}
