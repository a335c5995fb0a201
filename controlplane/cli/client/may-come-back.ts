import { OperationalError } from '../../../shared/model/error.ts';
import { ServerRefusal } from './server-refusal.ts';

/** How long lost connections are tried again: a server restarts within seconds, on a busy machine or with a failover within half a minute. */
export const PATIENCE_MS = 60_000;
/** The pauses between the tries. They are drawn, so their number says nothing of how long they take together. */
export const RETRY = { firstMs: 500, maxMs: 10_000, factor: 1.5 };

/** An event that a server of this version does not send. A retry would get the same event. */
export class UnreadableEvent extends OperationalError {
  override readonly name = 'UnreadableEvent';

  constructor(url: string, event: string, cause: unknown) {
    super('CONTROL_PLANE_UNREACHABLE', {
      happened: `The server at ${url} sent an event "${event}" that is not as a Wip control plane of this version sends it`,
      remedy: 'Check --server, and that both have the same version',
      cause,
    });
  }
}

/** Returns whether the same request may succeed later, because the server restarts or a connection broke. */
export function mayComeBack(error: unknown): boolean {
  if (error instanceof ServerRefusal) return error.status >= 500;
  if (error instanceof UnreadableEvent) return false;
  return error instanceof OperationalError && error.code === 'CONTROL_PLANE_UNREACHABLE';
}
