import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OperationalError, type OperationalErrorCode } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/support/clock.ts';
import type { Logger } from '../../../shared/support/logger.ts';
import { fieldProblems } from '../../../shared/support/field-problems.ts';
import { PROBLEM_TYPE, problemDetails } from '../../../shared/support/problem-details.ts';
import { createRefusalDelay, type Pace } from '../limits/delay-refusals.ts';
import { RateLimitedError } from '../limits/rate-limited-error.ts';
import type { AllowedMethods } from './allowed-methods.ts';
import type { ErrorAnswer } from './error-answer.ts';
import { FieldsInvalidError } from './fields-invalid-error.ts';

/**
 * The one table that gives our errors an HTTP meaning; a new code does not compile without its line. Agents act
 * on some of these numbers (shared/protocol/signals.ts): 409, 413 and 422 end a signal, the rest is sent again.
 */
export const HTTP_STATUS = {
  TABLE_SYNTAX: 422,
  CONFIG_INVALID: 422,
  KIND_INVALID: 422,
  OPTIONS_INVALID: 422,
  BUILD_FILE_INVALID: 422,
  BUILD_FILE_MISSING: 422,
  OVERRIDE_INVALID: 422,
  OVERRIDES_TOO_LARGE: 422,
  OVERRIDE_AFTER_RUN: 409,
  REQUEST_INVALID: 422,
  REQUEST_TOO_LARGE: 413,
  USAGE: 422,
  TASK_UNKNOWN: 404,
  TASK_KIND_UNKNOWN: 422,
  KIND_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  ROUTE_UNKNOWN: 404,
  CLUSTER_UNKNOWN: 404,
  DEFINITION_UNKNOWN: 404,
  CLUSTER_IN_USE: 409,
  CLUSTER_CHANGED: 409,
  GROUP_UNKNOWN: 404,
  GROUP_IN_USE: 409,
  TOKEN_UNKNOWN: 404,
  MASTER_KEY_NOT_EVERYWHERE: 409,
  STOP_INCOMPLETE: 500,
  NODE_ENDING: 503,
  MAINTENANCE: 503,
  RATE_LIMITED: 429,
  SIGNAL_UNKNOWN_CLASS: 422,
  SIGNAL_UNAUTHENTIC: 401,
  SIGNAL_CLOCK_SKEW: 401,
  SIGNAL_CONFLICT: 409,
  CALLBACK_UNKNOWN: 404,
  ATTEMPT_ENDED: 409,
  ATTEMPT_FULL: 413,
  ENROLMENT_REFUSED: 404,
  ENROLMENT_REUSED: 409,
  ENROLMENT_VOID: 410,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  HOST_REFUSED: 421,
  ORIGIN_REFUSED: 403,
  JOB_CONFLICT: 422,
  HOOK_UNKNOWN: 404,
  HOOK_UNAUTHENTIC: 401,
  TASK_CHANGED: 409,
  TASK_FINISHED: 409,
  TASK_NOT_FINISHED: 409,
  TASK_VERSION_MISSING: 409,
  PROCESS_CONFLICT: 409,
  PROCESS_UNKNOWN: 404,
  FILE_REFUSED: 403,
  AGENT_STOPPING: 409,
  AGENT_NOT_ALLOWED: 403,
  SSH_REFUSED: 502,
  SSH_TIMEOUT: 504,
  SSH_KEY_EXCHANGE: 502,
  SSH_AUTH: 502,
  SSH_HOST_KEY: 502,
  SSH_CHANNEL: 502,
  AGENT_API_FAILED: 502,
  ECS_REFUSED: 502,
  ECS_UNAVAILABLE: 503,
  GIT_FAILED: 502,
  REPOSITORY_REFUSED: 422,
  GIT_MISSING: 500,
  BASH_MISSING: 500,
  PROGRAM_MISSING: 500,
  SECURE_VALUE_MISSING: 422,
  ENVIRONMENT_TOO_LARGE: 500,
  WORKSPACE_UNUSABLE: 500,
  DATABASE_NEWER: 500,
  DATABASE_NOT_EMPTY: 409,
  DUMP_UNUSABLE: 422,
  PUSH_REJECTED: 409,
  DATABASE_UNAVAILABLE: 503,
  DATABASE_DAMAGED: 500,
  DATA_DIRECTORY_LOCKED: 500,
  DATA_DIRECTORY_UNUSABLE: 500,
  NOT_INSTALLED: 500,
  DOCKER_UNAVAILABLE: 503,
  PORT_IN_USE: 500,
  CONTROL_PLANE_UNREACHABLE: 503,
  SEALED_UNREADABLE: 500,
  MASTER_KEY_MISSING: 500,
  DISK_UNREADABLE: 503,
} as const satisfies Record<OperationalErrorCode, number>;

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
