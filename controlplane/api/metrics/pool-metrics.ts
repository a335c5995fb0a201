import { Histogram, type Registry } from 'prom-client';

/** `requests`: what people and programs ask. `leases`: the connection that renews leases, and does nothing else. */
export type PoolName = 'main' | 'requests' | 'leases';

// A free connection is handed over at once. After ten seconds the wait is an error.
const POOL_BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts how long queries wait for a connection to the database. Returns the function that is told of each wait. */
export function createPoolMetrics(registry: Registry): (pool: PoolName, waitedMs: number) => void {
  const waits = new Histogram({
    name: 'wip_database_pool_wait_seconds',
    help: 'Time that queries waited for a connection to the database',
    labelNames: ['pool'],
    buckets: POOL_BUCKETS_SECONDS,
    registers: [registry],
  });
  return (pool, waitedMs) => waits.observe({ pool }, waitedMs / 1_000);
}
