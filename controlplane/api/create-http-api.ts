import type { IncomingMessage } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/time/clock.ts';
import type { AcceptedCallers } from '../../shared/http/http-callers.ts';
import { createHttpEdge, EDGE_OPTIONS } from '../../shared/http/http-edge.ts';
import type { Logger } from '../../shared/system/logger.ts';
import { parseRequestTarget } from '../../shared/http/request-target.ts';
import { enrolmentRoutes } from './agents/enrolment-routes.ts';
import type { ReceivedEnrolment } from './agents/enrolment-service.ts';
import { reportRoutes } from './agents/report-routes.ts';
import { signalRoutes } from './agents/signal-routes.ts';
import type { ApiServices } from './api-services.ts';
import { auditRoutes } from './audit/audit-routes.ts';
import { clusterRoutes } from './clusters/cluster-routes.ts';
import { answerUnknownPage, dashboardRoutes } from './dashboard/dashboard-routes.ts';
import { configurationRoutes } from './configuration/configuration-routes.ts';
import { definitionRoutes } from './definitions/definition-routes.ts';
import { doctorRoutes } from './doctor/doctor-routes.ts';
import { causeRoutes } from './causes/cause-routes.ts';
import { groupRoutes } from './groups/group-routes.ts';
import { healthRoutes } from './health/health-routes.ts';
import { guardRoutes } from './http/access.ts';
import { noteMethods } from './http/allowed-methods.ts';
import { refuseRepeatedHeaders, refuseUnknownQueries } from './http/contract.ts';
import { sendError, handleErrors } from './http/errors.ts';
import { closeKeptConnections } from './http/close-kept-connections.ts';
import { forbidStorage } from './http/forbid-storage.ts';
import { guardCallers } from './http/guard-callers.ts';
import { keepBodiesRaw } from './http/parse-request.ts';
import { brokenPathOf, refuseBrokenText } from './http/refuse-broken-text.ts';
import { refuseUnreadBodies } from './http/refuse-unread-body.ts';
import { hookRoutes } from './hooks/hook-routes.ts';
import { kindRoutes } from './kinds/kind-routes.ts';
import { createBodiesInFlight } from './limits/bodies-in-flight.ts';
import { limitConcurrency } from './limits/limit-concurrency.ts';
import { createRequestLimits, type RateSettings, type RequestLimits } from './limits/request-limits.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { describeRoutes } from './openapi/described-routes.ts';
import { openApiRoutes } from './openapi/openapi-routes.ts';
import { buildValueRoutes } from './secrets/build-value-routes.ts';
import { secretRoutes } from './secrets/secret-routes.ts';
import { sessionRoutes } from './sessions/session-routes.ts';
import { guardMaintenance, maintenanceRoutes } from './state/maintenance-routes.ts';
import { pauseRoutes } from './state/pause-routes.ts';
import { statusRoutes } from './state/status-routes.ts';
import { queueRoutes } from './queue/queue-routes.ts';
import { taskDetailRoutes } from './tasks/task-detail-routes.ts';
import { taskListRoutes } from './tasks/task-list-routes.ts';
import { taskListStreamRoutes } from './tasks/streams/task-list-stream-routes.ts';
import { recordingRoutes } from './tasks/recording/task-recording-routes.ts';
import { taskRoutes } from './tasks/task-routes.ts';
import { taskStreamRoutes } from './tasks/streams/task-stream-routes.ts';
import { meRoutes } from './tokens/me-routes.ts';
import { tokenRoutes } from './tokens/token-routes.ts';

export interface HttpApiDeps {
  readonly services: ApiServices;
  readonly acceptedCallers: AcceptedCallers;
  readonly rates: RateSettings;
  /** Returns whether the node was asked to end or is ending. */
  readonly isEnding: () => boolean;
  /** Returns what is wrong with the database, as a clause; null when this program failed. The failure is logged as an outage. */
  readonly whyDatabaseFailed: (error: unknown) => string | null;
  /** Names a request in its answer and in the log. */
  readonly createRequestId: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

// People send options with a key or two (about 4 KiB each); signals and chunks have limits of their own.
const BODY_LIMIT_BYTES = 256 * 1024;
// A whole request, body included, must arrive within this time: the largest signal takes 34 s at 1 Mbit/s.
const REQUEST_TIMEOUT_MS = 60_000;
// The longest thing in a path is the name of a group: 128 characters, each up to nine when it is percent-encoded.
const PATH_PART_LIMIT = 1_152;

// Checks of tokens and enrolments query the database before the sender is known, so each of the two may use only a part of the 16
// connections. A thousand waiting calls take about two seconds.
const AUTHENTICATIONS = { atOnce: 8, waiting: 1_000, what: 'Too many tokens are being checked' } as const;
const ENROLMENTS = { atOnce: 4, waiting: 1_000, what: 'Too many containers enrol at once' } as const;
// An agent has two requests under way. With the largest bodies (6 MiB) one container can take 50 MB of memory.
const MOST_BODIES_IN_FLIGHT = 8;
// Webhooks have 4 MiB at most. GitHub does not send a refused one again, so a burst of pushes must fit.
const MOST_HOOKS_IN_FLIGHT = 32;

/** Returns a server that does not listen yet: the caller says where. */
export function createHttpApi(deps: HttpApiDeps): FastifyInstance {
  const { services } = deps;
  const app = createBareServer(deps);
  const limits = createRequestLimits(deps);
  const authenticate = limitConcurrency(AUTHENTICATIONS, (token: string) => services.authenticator.authenticate(token));
  const routes = describeRoutes(app);
  guardRoutes(app, { authenticator: { authenticate }, limits, sessions: services.sessions });
  refuseUnknownQueries(app);
  refuseRepeatedHeaders(app);
  refuseUnreadBodies(app);
  guardMaintenance(app, services.maintenance);
  healthRoutes(app, { health: services.health, clock: deps.clock });
  agentRoutes(app, deps, limits);
  allTaskRoutes(app, deps);
  hookRoutes(app, { hooks: services.hooks, bodies: createBodiesInFlight(MOST_HOOKS_IN_FLIGHT) });
  buildValueRoutes(app, services.buildValues);
  groupRoutes(app, services.groups);
  pauseRoutes(app, { pauses: services.pauses, groups: services.groups });
  maintenanceRoutes(app, services.maintenance);
  statusRoutes(app, { status: services.status, clock: deps.clock });
  meRoutes(app);
  kindRoutes(app, services.kinds);
  tokenRoutes(app, services.tokens);
  const lookup = { sessions: services.sessions, authenticator: { authenticate } };
  sessionRoutes(app, lookup);
  dashboardRoutes(app, { dashboard: services.dashboard, lookup, clock: deps.clock });
  auditRoutes(app, services.audit);
  secretRoutes(app, services.secrets);
  clusterRoutes(app, services.clusters);
  configurationRoutes(app, services.configuration);
  definitionRoutes(app, services.definitions);
  doctorRoutes(app, services.doctor);
  metricsRoutes(app, services.metrics);
  openApiRoutes(app, { routes, version: services.health.version });
  return app;
}

/** Fastify with everything that does not depend on the route. */
function createBareServer(deps: HttpApiDeps): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = deps.log;
  const edge = createHttpEdge(deps.createRequestId);
  const app: FastifyInstance = fastify({
    loggerInstance,
    genReqId: deps.createRequestId,
    // Thousands of agents report every few seconds: only what was refused or failed is worth a line.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: EDGE_OPTIONS,
    // A request over a kept connection is answered even while the server closes: the services behind it are closed after it.
    return503OnClosing: false,
    exposeHeadRoutes: true,
    // Routes match paths only. guardCallers checks the target as it was sent, and answers when the target is not a path.
    rewriteUrl: pathOfTarget,
    routerOptions: { maxParamLength: PATH_PART_LIMIT },
    // Called for paths that cannot be decoded or are too long: Fastify hands them to no route and to no other handler.
    clientErrorHandler: edge.answerClientError,
    frameworkErrors: (error, request, reply) =>
      void sendError(brokenPathOf(request.url, methods.patternOf) ?? error, request, reply),
  });
  edge.attach(app.server);
  keepBodiesRaw(app);
  void app.register(fastifyCookie);
  const methods = noteMethods(app);
  handleErrors(app, {
    ...deps,
    methods,
    answerUnknownPage: (request, reply) => answerUnknownPage(deps.services.dashboard, request, reply),
  });
  forbidStorage(app);
  guardCallers(app, deps.acceptedCallers);
  closeKeptConnections(app, deps.isEnding);
  refuseBrokenText(app);
  return app;
}

function pathOfTarget({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): string {
  const target = parseRequestTarget(method, url);
  return target.kind === 'path' ? target.pathAndQuery : '/';
}

function agentRoutes(app: FastifyInstance, { services, clock }: HttpApiDeps, limits: RequestLimits): void {
  const enrol = limitConcurrency(ENROLMENTS, (enrolment: ReceivedEnrolment) => services.enrolment.enrol(enrolment));
  enrolmentRoutes(app, { enrol });
  const deps = { agents: services.agents, bodies: createBodiesInFlight(MOST_BODIES_IN_FLIGHT), clock, limits };
  signalRoutes(app, deps);
  reportRoutes(app, deps);
}

function allTaskRoutes(app: FastifyInstance, { services, clock }: HttpApiDeps): void {
  const { tasks, recordings, taskDetails: details, watchers, authenticator } = services;
  taskRoutes(app, tasks);
  taskListRoutes(app, tasks);
  taskListStreamRoutes(app, { tasks, listWatch: services.listWatch, authenticator });
  recordingRoutes(app, { tasks, recordings, authenticator });
  taskDetailRoutes(app, { tasks, details });
  queueRoutes(app, { tasks, queue: services.queue });
  causeRoutes(app, { tasks, causes: services.causes, clock });
  taskStreamRoutes(app, { tasks, recordings, watchers, authenticator, clock });
}
