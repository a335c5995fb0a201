import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { guardRoutes } from './http/access.ts';
import { enrolmentRoutes } from './agents/enrolment-routes.ts';
import { reportRoutes } from './agents/report-routes.ts';
import { signalRoutes } from './agents/signal-routes.ts';
import { answerError, answerErrors } from './http/errors.ts';
import { guardCallers } from './http/guard-callers.ts';
import { healthRoutes } from './health/health-routes.ts';
import { guardMaintenance } from './state/maintenance-routes.ts';
import { operationRoutes } from './operation-routes.ts';
import { keepBodiesRaw } from './http/parse-request.ts';
import { sealRoutes } from './secrets/build-value-routes.ts';
import { controlRoutes } from './tasks/task-control-routes.ts';
import { detailRoutes } from './tasks/task-detail-routes.ts';
import { listRoutes } from './tasks/task-list-routes.ts';
import { recordingRoutes } from './tasks/task-recording-routes.ts';
import { streamRoutes } from './tasks/task-stream-routes.ts';
import { submitRoutes } from './tasks/task-routes.ts';
import { createBodiesInFlight } from './limits/bodies-in-flight.ts';
import { limitConcurrency } from './limits/limit-concurrency.ts';
import { createRequestLimits } from './limits/request-limits.ts';
import type { HttpWorld } from './api-services.ts';

// What people send is options with a key or two (about 4 KiB each); signals and chunks have limits of their own.
const BODY_LIMIT_BYTES = 256 * 1024;
// A whole request, body included, must have come by then: the largest signal at 1 Mbit/s takes 34 s.
const REQUEST_TIMEOUT_MS = 60_000;
// The longest thing in a path is the name of a group: 128 characters, each up to nine when it is percent-encoded.
const PATH_PART_LIMIT = 1_152;

// Both ask the database before it is known who asks, so they leave most of its 16 connections to everybody else. A
// thousand wait for about two seconds.
const AUTHENTICATIONS = { atOnce: 8, waiting: 1_000, what: 'Too many tokens are being checked' } as const;
const ENROLMENTS = { atOnce: 4, waiting: 1_000, what: 'Too many containers enrol at once' } as const;
// An agent has two requests under way. Of the largest bodies (6 MiB) one container can so keep 50 MB of memory.
const MOST_BODIES_IN_FLIGHT = 8;

/** Not listening yet: the caller says where. */
export function createHttpServer(world: HttpWorld): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = world.log;
  const app: FastifyInstance = fastify({
    loggerInstance,
    genReqId: world.createRequestId,
    // Thousands of agents report every few seconds: only what was refused or failed is worth a line.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: PATH_PART_LIMIT },
    // Paths that cannot be decoded or are too long, which no route and no other handler sees.
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  });
  keepBodiesRaw(app);
  answerErrors(app, world);
  guardCallers(app, world);
  const limits = createRequestLimits(world);
  guardRoutes(app, { authenticate: limitConcurrency(AUTHENTICATIONS, world.authenticate), limits });
  guardMaintenance(app, world);
  healthRoutes(app, world);
  const bodies = createBodiesInFlight(MOST_BODIES_IN_FLIGHT);
  const agents = { ...world, limits, bodies, enrol: limitConcurrency(ENROLMENTS, world.enrol) };
  enrolmentRoutes(app, agents);
  signalRoutes(app, agents);
  reportRoutes(app, agents);
  submitRoutes(app, world);
  listRoutes(app, world);
  recordingRoutes(app, world);
  detailRoutes(app, world);
  streamRoutes(app, world);
  controlRoutes(app, world);
  sealRoutes(app, world);
  operationRoutes(app, world);
  return app;
}
