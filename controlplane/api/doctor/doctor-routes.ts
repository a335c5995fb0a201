import type { FastifyInstance } from 'fastify';
import type { DoctorService } from './doctor-service.ts';

/** What the node that answers sees. Always 200: that something is broken is what was asked for. */
export function doctorRoutes(app: FastifyInstance, doctor: DoctorService): void {
  app.get('/v1/doctor', () => doctor.examine());
}
