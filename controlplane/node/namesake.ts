import type { Clock } from '../../shared/time/clock.ts';
import { NODE_LIVE_SECONDS } from '../store/settings/node-life.ts';
import { type HeartbeatAnswer } from '../store/settings/nodes.ts';

/**
 * Knows whether another process goes by the name of this node. Both write the one row of that name, and each sees there that the
 * row is not as it left it.
 */
export class Namesake {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #seenMs = -Infinity;
  #incarnation: string | null = null;
  #otherSeenAt: string | null = null;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** What tells this process from others of its name; null before its first heartbeat. */
  get incarnation(): string | null {
    return this.#incarnation;
  }

  /** Whether the other one was seen within the time after which a silent node counts as dead. */
  get isThere(): boolean {
    return this.#clock.monotonicMs() - this.#seenMs < NODE_LIVE_SECONDS * 1_000;
  }

  /**
   * When the other one wrote the row, which was there at the start, and could not write again so far: it lives or was killed, and the
   * next heartbeat tells. null: there is none such.
   */
  get otherSeenAt(): string | null {
    return this.#otherSeenAt;
  }

  /** Takes the answer of a heartbeat. Returns whether the other one has come since the last. */
  note({ incarnation, hasNamesake, otherSeenAt }: HeartbeatAnswer): boolean {
    this.#otherSeenAt = otherSeenAt;
    const isNew = hasNamesake && !this.isThere;
    this.#incarnation = incarnation;
    if (hasNamesake) this.#seenMs = this.#clock.monotonicMs();
    return isNew;
  }
}
