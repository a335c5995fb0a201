import type { FastifyInstance } from 'fastify';
import type { DoctorService } from './doctor-service.ts';

/** Reports what the node that answers sees. Always 200: the request asks whether something is broken. */
export function doctorRoutes(app: FastifyInstance, doctor: DoctorService): void {
  app.get('/v1/doctor', () => doctor.examine());
}
