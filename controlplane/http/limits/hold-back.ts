import { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { OperationalError, type OperationalErrorCode } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/support/clock.ts';

/** What a flood is answered with, whatever it consists of. */
const HELD_BACK: ReadonlySet<OperationalErrorCode> = new Set([
  'RATE_LIMITED',
  'SIGNAL_UNAUTHENTIC',
  'CALLBACK_UNKNOWN',
]);

// The least that a Retry-After can say. A sender that waits for answers then makes no more requests a second than it
// has requests under way, and one that does not wait fills the buffers of its own connection.
const HOLD_MS = 1_000;

/**
 * Answers such a refusal later, and reads nothing more from its connection meanwhile: refusing at once would let the
 * sender make the next request at once, and refusing thousands a second keeps a node from answering others.
 */
export async function holdBack(thrown: unknown, request: FastifyRequest, clock: Clock): Promise<void> {
  if (!(thrown instanceof OperationalError) || !HELD_BACK.has(thrown.code)) return;
  const { socket } = request.raw;
  const connection = socket instanceof Socket ? socket : null; // injected requests have none
  connection?.pause();
  await clock.sleep(HOLD_MS);
  connection?.resume();
}
