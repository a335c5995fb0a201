import type { FastifyInstance } from 'fastify';
import { OperationalError } from '../../../shared/model/error.ts';
import { formRefusal } from '../../../shared/support/http-edge.ts';
import { PROBLEM_TYPE, problemDetails } from '../../../shared/support/problem-details.ts';
import { refuseCaller, type AcceptedCallers, type CallerRefusal } from '../../../shared/support/http-callers.ts';

/** Keeps web pages out, before any route and where there is none: the browser of a developer reaches this server. */
export function guardCallers(app: FastifyInstance, accepted: AcceptedCallers): void {
  app.addHook('onRequest', async (request, reply) => {
    const form = formRefusal(request.raw);
    if (form) {
      const details = problemDetails({ ...form, requestId: request.id });
      return reply.code(form.status).type(PROBLEM_TYPE).send(details);
    }
    const refusal = refuseCaller(request.raw, accepted);
    if (refusal) throw callerRefused(refusal);
    return undefined;
  });
}

function callerRefused({ kind, value }: CallerRefusal): OperationalError {
  if (kind === 'origin') {
    return new OperationalError('ORIGIN_REFUSED', {
      happened: `A web page of "${value.slice(0, 300)}" may not call this server`,
      remedy: 'Open pages of this server only, or name the host of that page in allowed_hosts',
    });
  }
  return new OperationalError('HOST_REFUSED', {
    happened:
      value === ''
        ? 'The request names no host'
        : `The request is for the host "${value.slice(0, 300)}", and this server is not known by that name`,
    remedy: 'Use its own address, or set public_url or allowed_hosts to the name under which it is reached',
  });
}
