import { Counter, type Registry } from 'prom-client';
import type { EngineObserver } from '../../engine/engine-observer.ts';

/** Counts what this node's engine does. */
export function createEngineMetrics(registry: Registry): EngineObserver {
  const registers = [registry];
  const saves = new Counter({
    name: 'wip_saves_total',
    help: 'Results of steps written to the database, those that were fenced included',
    labelNames: ['kind'],
    registers,
  });
  const steps = new Counter({ name: 'wip_steps_total', help: 'Steps started on this node', registers });
  const claims = new Counter({ name: 'wip_claims_total', help: 'Tasks claimed by this node', registers });
  const takeovers = new Counter({
    name: 'wip_lease_takeovers_total',
    help: 'Tasks claimed by this node because their lease had ended',
    registers,
  });
  return {
    claimed({ isTakeover }) {
      claims.inc();
      if (isTakeover) takeovers.inc();
    },
    stepBegan: () => steps.inc(),
    saved: (kind) => saves.inc({ kind }),
  };
}
