import type { FastifyInstance } from 'fastify';
import type { DoctorAnswer } from './doctor-views.ts';

export interface DoctorWorld {
  /** Never throws: what is broken is an answer. */
  readonly examine: () => Promise<DoctorAnswer>;
}

/** What the node that answers sees. Always 200: that something is broken is what was asked for. */
export function doctorRoutes(app: FastifyInstance, world: DoctorWorld): void {
  app.get('/v1/doctor', () => world.examine());
}
