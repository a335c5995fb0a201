import type { FastifyReply } from 'fastify';
import { RateLimitedError } from './rate-limited-error.ts';

/** Bounds the requests of one sender whose bodies are being read, each of which keeps memory until it is answered. */
export interface BodiesInFlight {
  /** Throws RATE_LIMITED; the place is free again when the answer was sent or the connection closed. */
  enter(sender: string, reply: FastifyReply): void;
}

// A body that is that slow ends by the server's own timeout.
const RETRY_AFTER_SECONDS = 5;

export function createBodiesInFlight(most: number): BodiesInFlight {
  const counts = new Map<string, number>();
  return {
    enter(sender, reply) {
      const count = counts.get(sender) ?? 0;
      if (count >= most) {
        throw new RateLimitedError(`This sender has ${most} requests under way already`, RETRY_AFTER_SECONDS);
      }
      counts.set(sender, count + 1);
      reply.raw.once('close', () => {
        const left = (counts.get(sender) ?? 1) - 1;
        if (left > 0) counts.set(sender, left);
        else counts.delete(sender);
      });
    },
  };
}
