import { endCauseOf, type TaskEndCause } from '../../containers/causes/end-cause.ts';
import type { ExitDetail } from '../../tasks/context.ts';
import { exitStatusOf } from '../../../shared/model/status.ts';
import type { TaskRow } from '../../store/schema.ts';

type ExitColumns = Pick<TaskRow, 'exitStatus' | 'exitMessage' | 'exitDetail' | 'cause' | 'endCause'>;

/** Returns the exit that the row of a task holds. */
export function exitOfRow(row: ExitColumns): ExitDetail {
  return {
    status: exitStatusOf(row.exitStatus),
    message: row.exitMessage ?? '',
    ...(row.exitDetail !== null && { detail: row.exitDetail }),
    ...(row.cause !== null && { cause: row.cause }),
    ...explanationOf(row),
  };
}

/** Returns what a row says of the exit besides; nothing when a node of an earlier version has written another exit. */
function explanationOf({ endCause, cause, exitMessage }: ExitColumns): Partial<ExitDetail> {
  if (!endCause || endCause.cause !== cause || endCause.sentence !== exitMessage) return {};
  const { fault, remedy, evidence } = endCause;
  return { ...(fault && { fault }), ...(remedy !== null && { remedy }), evidence };
}

/** Returns what is stored beside an exit that is explained; null for one that is not. */
export function endCauseOfExit({ message, cause, fault, remedy, evidence }: ExitDetail): TaskEndCause | null {
  if (fault === undefined && remedy === undefined && evidence === undefined) return null;
  const explained = { fault: fault ?? null, remedy: remedy ?? null, evidence: evidence ?? [] };
  return endCauseOf({ cause: cause ?? null, ...explained, retry: null, sentence: message });
}
