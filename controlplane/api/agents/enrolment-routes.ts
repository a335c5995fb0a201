import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ANY_QUERY, contract } from '../http/contract.ts';
import { assertNever } from '../../../shared/model/assert-never.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { EnrolmentAnswer, EnrolmentRequest, EnrolmentToken } from '../../../shared/protocol/enrolment.ts';
import { MAX_SIGNAL_BYTES } from '../../../shared/protocol/signals.ts';
import { createBodiesInFlight } from '../limits/bodies-in-flight.ts';
import { parseAgentBody } from '../http/parse-request.ts';
import type { EnrolmentService } from './enrolment-service.ts';

// Senders have not shown yet who they are. Behind a load balancer all containers have one address, and 1,024 of them
// may start at once. Their bodies of 64 KiB take 64 MiB of memory.
const MOST_BODIES_IN_FLIGHT = 1_024;

const ENROL = contract({
  summary: 'Enrols the agent of a container',
  query: ANY_QUERY,
  body: EnrolmentRequest,
  answers: { 200: EnrolmentAnswer },
});

export function enrolmentRoutes(app: FastifyInstance, enrolment: EnrolmentService): void {
  const bodies = createBodiesInFlight(MOST_BODIES_IN_FLIGHT);
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
    void bodies.enter(request.ip, reply);
  app.post('/v1/enrol', { ...ENROL, onRequest, bodyLimit: MAX_SIGNAL_BYTES }, async (request, reply) => {
    const { enrol, ...rest } = parseAgentBody(EnrolmentRequest, request.body);
    const token = EnrolmentToken.safeParse(enrol);
    if (!token.success) throw refused();
    const outcome = await enrolment.enrol({ ...rest, ...token.data });
    switch (outcome.kind) {
      case 'enrolled':
        return reply.send(outcome.answer);
      case 'reused':
        throw new OperationalError('ENROLMENT_REUSED', {
          happened: 'The enrolment token was used before',
          remedy: 'Do not start a container twice from one set of overrides; each attempt gets a token of its own',
        });
      case 'void':
        throw new OperationalError('ENROLMENT_VOID', {
          happened: 'The container attempt of this enrolment token was given up',
          remedy: 'Stop this container; nobody waits for it',
        });
      case 'unknown':
        throw refused();
      default:
        return assertNever(outcome);
    }
  });
}

function refused(): OperationalError {
  return new OperationalError('ENROLMENT_REFUSED', {
    happened: 'The enrolment token is not that of a container attempt that may enrol now',
    remedy: 'Start the container through the control plane that WIP_ENROL_URL names',
  });
}
