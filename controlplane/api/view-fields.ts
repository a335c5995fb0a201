import { z } from 'zod';

// Fields of the views. A view is a zod object of an answer: the server types its answers with it and the command line
// parses with it, so the two cannot drift apart. Answers may grow: unknown fields pass.

/** ISO 8601 with offset. */
export const Instant = z.iso.datetime({ offset: true });
export const Count = z.number().int().min(0);
export const Facts = z.record(z.string(), z.unknown());
