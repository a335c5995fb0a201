import { OperationalError } from '../../../shared/model/error.ts';
import { ServerRefusal } from './server-refusal.ts';

/** Whether the same request may succeed later: the server restarts, or a connection broke. */
export function mayComeBack(error: unknown): boolean {
  if (error instanceof ServerRefusal) return error.status >= 500;
  return error instanceof OperationalError && error.code === 'CONTROL_PLANE_UNREACHABLE';
}
