import type { AttemptDetail } from '../../../api/tasks/task-detail-views.ts';
import { showInstant } from '../../format.ts';

/** Returns why a container runs on although its stop was requested, as sentences; null when ECS accepted the stop. */
export function refusedStopText({ stopFailure }: Pick<AttemptDetail, 'stopFailure'>, nowMs: number): string | null {
  if (!stopFailure) return null;
  const { since, at, sentence } = stopFailure;
  const last = at === since ? '' : `, last asked ${showInstant(at, nowMs)}`;
  return `ECS has not accepted its stop since ${showInstant(since, nowMs)}${last}. ${sentence}`;
}
