import { z } from 'zod';

/** The party responsible for an end. `spot`: AWS took its machine back. */
export const Fault = z.enum(['user', 'system', 'capacity', 'configuration', 'spot']);
export type Fault = z.infer<typeof Fault>;

/** Whether another launch can help: at once as a new attempt, after waiting, or not at all. */
export const Retry = z.enum(['launch-again', 'wait', 'never']);
export type Retry = z.infer<typeof Retry>;
