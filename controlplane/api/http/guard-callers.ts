import type { FastifyInstance } from 'fastify';
import { OperationalError } from '../../../shared/model/error.ts';
import { formRefusal, refusalHeaders, SERVER_METHODS } from '../../../shared/http/http-edge.ts';
import { PROBLEM_TYPE, problemDetails } from '../../../shared/http/problem-details.ts';
import { refuseCaller, type AcceptedCallers, type CallerRefusal } from '../../../shared/http/http-callers.ts';
import { parseRequestTarget } from '../../../shared/http/request-target.ts';

/** Refuses requests of foreign web pages, for all paths, before any route runs: a page in a developer's browser can reach this server. */
export function guardCallers(app: FastifyInstance, accepted: AcceptedCallers): void {
  app.addHook('onRequest', async (request, reply) => {
    const { method, httpVersion, headers, rawHeaders, socket } = request.raw;
    const came = { method, url: request.originalUrl, httpVersion, headers, rawHeaders, socket };
    const form = formRefusal(came);
    if (form) {
      const details = problemDetails({ ...form, requestId: request.id });
      return reply.code(form.status).headers(refusalHeaders(form)).type(PROBLEM_TYPE).send(details);
    }
    const refusal = refuseCaller(came, accepted);
    if (refusal) throw callerRefused(refusal);
    // RFC 9110, 9.3.7: a question about the server as a whole, which no route answers.
    const isOfServer = parseRequestTarget(method, came.url).kind === 'server';
    return isOfServer ? reply.code(204).header('allow', SERVER_METHODS).send() : undefined;
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
