import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OperationalError, type OperationalErrorCode } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { fieldProblems } from '../../../shared/text/field-problems.ts';
import { PROBLEM_TYPE, problemDetails } from '../../../shared/http/problem-details.ts';
import { createRefusalDelay, type Pace } from '../limits/delay-refusals.ts';
import { RateLimitedError } from '../limits/rate-limited-error.ts';
import type { AllowedMethods } from './allowed-methods.ts';
import type { ErrorAnswer } from './error-answer.ts';
import { FieldsInvalidError } from './fields-invalid-error.ts';
import { HTTP_STATUS } from './http-status.ts';

// A maintenance lasts minutes: a client that asks once a minute gets in soon after it and is no burden before.
// A database that failed over, and a node that is started again, are back within seconds.
const RETRY_AFTER_SECONDS: Partial<Record<OperationalErrorCode, number>> = {
  MAINTENANCE: 60,
  NODE_ENDING: 5,
  DATABASE_UNAVAILABLE: 5,
};

export interface ErrorAnswerDeps {
  readonly methods: AllowedMethods;
  /**
   * Returns what is wrong with the database, as a clause; null when this program failed, and not the database. The failure
   * is logged as an outage.
   */
  readonly whyDatabaseFailed: (error: unknown) => string | null;
  /** Answers a person in a browser where there is no page; false: whoever asks is none. */
  readonly answerUnknownPage: (request: FastifyRequest, reply: FastifyReply) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Turns the errors of routes into answers. This is the only place where an error becomes a status. */
export function handleErrors(app: FastifyInstance, deps: ErrorAnswerDeps): void {
  const delayRefusal = createRefusalDelay(deps);
  const errorToSend = (thrown: unknown, request: FastifyRequest): unknown => {
    const why = deps.whyDatabaseFailed(thrown);
    if (why !== null) return databaseAway(why, thrown);
    // Fastify looks at the headers of a body first, also where no route would ever read it.
    return request.is404 && isRefusedByFastify(thrown) ? notFound(request, deps.methods) : thrown;
  };
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = errorToSend(thrown, request);
    const pace = await delayRefusal(request);
    return sendError(error, request, reply, pace);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const refusal = notFound(request, deps.methods);
    if (refusal.allowed.length === 0 && (await deps.answerUnknownPage(request, reply))) return reply;
    if (refusal.allowed.length === 0 || request.method !== 'OPTIONS') throw refusal;
    return reply.code(204).header('allow', refusal.allowed.join(', ')).send();
  });
}

/** The path has no route, or no route with this method. */
class NotFoundError extends OperationalError {
  override readonly name = 'NotFoundError';
  /** The methods of the path; empty: the path has no route. */
  readonly allowed: readonly string[];

  constructor(what: string, allowed: readonly string[]) {
    if (allowed.length === 0) {
      super('ROUTE_UNKNOWN', { happened: `There is nothing at ${what}`, remedy: 'Check the path and the method' });
    } else {
      super('METHOD_NOT_ALLOWED', {
        happened: `${what} is not possible`,
        remedy: `Use one of ${allowed.join(', ')}`,
      });
    }
    this.allowed = allowed;
  }
}

function notFound({ url, method }: FastifyRequest, methods: AllowedMethods): NotFoundError {
  const path = url.split('?')[0] ?? '';
  return new NotFoundError(`${method} ${path}`, methods.of(path));
}

export function sendError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  pace: Pace = 'at once',
): FastifyReply {
  const error = expectedError(thrown);
  if (!error) return sendBug(thrown, request, reply);
  if (error instanceof NotFoundError && error.allowed.length > 0) reply.header('allow', error.allowed.join(', '));
  if (error instanceof RateLimitedError) reply.header('retry-after', error.retryAfterSeconds);
  // During a flood of refusals not every request gets a line in the log; the delay logs the beginning of the flood.
  if (pace === 'at once') request.log.info({ code: error.code }, 'request refused');
  // RFC 9110 section 11.6.1: a 401 says which kind of proof it wants.
  if (error.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer');
  const retrySeconds = RETRY_AFTER_SECONDS[error.code];
  if (retrySeconds !== undefined) reply.header('retry-after', retrySeconds);
  return reply
    .code(HTTP_STATUS[error.code])
    .type(PROBLEM_TYPE)
    .send({ ...problem(error.code, error.message, request), ...detailsOf(error) } satisfies ErrorAnswer);
}

/** Returns the fields of every error answer. */
function problem(code: OperationalErrorCode | 'INTERNAL', message: string, request: FastifyRequest): ErrorAnswer {
  const status = code === 'INTERNAL' ? 500 : HTTP_STATUS[code];
  return problemDetails({ status, code, message, requestId: request.id });
}

function detailsOf(error: OperationalError): Pick<ErrorAnswer, 'details'> {
  if (error instanceof FieldsInvalidError) return error.details.length > 0 ? { details: [...error.details] } : {};
  if (error.code !== 'OPTIONS_INVALID' || !(error.cause instanceof z.ZodError)) return {};
  return { details: fieldProblems(error.cause, 'options') };
}

/** Our own errors, and those that Fastify throws before a route sees the request. */
function expectedError(thrown: unknown): OperationalError | undefined {
  if (thrown instanceof OperationalError) return thrown;
  if (!isRefusedByFastify(thrown)) return undefined;
  if (thrown.statusCode === 413) {
    return new OperationalError('REQUEST_TOO_LARGE', {
      happened: 'The body of the request is larger than this route takes',
      remedy: 'Send less at once',
      cause: thrown,
    });
  }
  return new OperationalError('REQUEST_INVALID', {
    happened: `The request cannot be read: ${thrown.message.replace(/\.$/, '')}`,
    remedy: 'Correct the request',
    cause: thrown,
  });
}

function isRefusedByFastify(thrown: unknown): thrown is Error & { readonly statusCode: number } {
  if (!(thrown instanceof Error) || !('statusCode' in thrown) || typeof thrown.statusCode !== 'number') return false;
  return !(thrown instanceof OperationalError) && thrown.statusCode >= 400 && thrown.statusCode < 500;
}

function databaseAway(why: string, cause: unknown): OperationalError {
  return new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `This server cannot use its database now: ${why}`,
    remedy: 'Send it again; if it lasts, see /readyz and the log of the server',
    cause,
  });
}

function sendBug(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.log.error({ err: thrown }, 'a route failed');
  return reply
    .code(500)
    .type(PROBLEM_TYPE)
    .send(
      problem(
        'INTERNAL',
        `The server failed through a fault of its own. Its log says more under the request id ${request.id}.`,
        request,
      ),
    );
}
