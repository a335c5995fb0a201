import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { FollowingAbort } from '../../../shared/time/following-abort.ts';

/** Yields the events as text until the last one, or until the signal aborts. */
type Follow = (abort: AbortSignal) => AsyncIterable<string>;

/**
 * Returns a function that answers a request with Server-Sent Events. The events end when their reader leaves and when the
 * service closes.
 */
export function eventSender(app: FastifyInstance): (reply: FastifyReply, follow: Follow) => FastifyReply {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  return (reply, follow) => {
    const left = new FollowingAbort(closing.signal);
    reply.raw.once('close', () => left.abort());
    const events = follow(left.signal);
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('connection', 'close') // kept alive, it would hold a closing server until its idle time is over
      .header('x-accel-buffering', 'no') // nginx would otherwise hold events back until its buffer is full
      .send(Readable.from(events));
  };
}
