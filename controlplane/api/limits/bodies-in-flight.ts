import type { FastifyReply } from 'fastify';
import { RateLimitedError } from './rate-limited-error.ts';

/** Bounds the requests of one sender whose bodies are still coming, each of which keeps memory. */
export interface BodiesInFlight {
  /**
   * Returns a function to be called when the body is there; an answer or a closed connection has the same effect.
   * Throws RATE_LIMITED.
   */
  enter(sender: string, reply: FastifyReply): () => void;
}

// The server's own timeout ends a body that is slower.
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
      let isOver = false;
      const leave = (): void => {
        if (isOver) return;
        isOver = true;
        const left = (counts.get(sender) ?? 1) - 1;
        if (left > 0) counts.set(sender, left);
        else counts.delete(sender);
      };
      reply.raw.once('close', leave);
      return leave;
    },
  };
}
