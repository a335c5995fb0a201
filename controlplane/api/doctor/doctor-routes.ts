import type { FastifyInstance } from 'fastify';
import { DoctorAnswer } from './doctor-views.ts';
import { contract } from '../http/contract.ts';
import type { DoctorService } from './doctor-service.ts';

/** Reports what the node that answers sees. Always 200: the request asks whether something is broken. */
export function doctorRoutes(app: FastifyInstance, doctor: DoctorService): void {
  app.get(
    '/v1/doctor',
    contract({ summary: 'What the node that answers finds wrong, and what to do', answers: { 200: DoctorAnswer } }),
    () => doctor.examine(),
  );
}
