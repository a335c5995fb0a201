import type { Spool } from '../../../agent/report/spool.ts';

/**
 * Returns a spool in memory: a simulated agent's process never ends before its container, so memory lasts long
 * enough.
 */
export function memorySpool(): Spool {
  return {
    location: 'memory',
    capacityBytes: 4 * 1024 * 1024,
    load: () => Promise.resolve(undefined),
    save: () => Promise.resolve('memory'),
    release: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
