import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OperationalError } from '../../../shared/model/error.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import { ROLES, type Authenticator, type Principal, type Role } from './authentication.ts';
import { isFromLocalProgram } from './from-local-program.ts';
import { tokenOfSession, type SessionOpener } from './session-cookie.ts';

/**
 * `signature` and `enrolment-token` are checked by the routes themselves, over the raw body. `loopback` lets programs
 * on this machine in without a token; from elsewhere it wants a viewer's.
 */
export type RouteAccess = 'anybody' | 'signature' | 'enrolment-token' | 'loopback' | Role;

/**
 * The access of each route. A server with a route that is not here does not start. Submitters see only some tasks, and
 * below `operator` one changes only one's own (tasks/own-task.ts).
 */
export const ACCESS: Readonly<Record<string, RouteAccess>> = {
  'GET /healthz': 'anybody',
  'GET /readyz': 'anybody',
  'GET /metrics': 'loopback',
  'GET /': 'anybody',
  'GET /tasks/:id': 'anybody',
  'GET /queue': 'anybody',
  'GET /clusters': 'anybody',
  'GET /health': 'anybody',
  'GET /assets/:name': 'anybody',
  'GET /v1/session': 'anybody',
  'POST /v1/session': 'anybody',
  'DELETE /v1/session': 'viewer',
  'POST /v1/enrol': 'enrolment-token',
  'POST /v1/signal/:callback': 'signature',
  'POST /v1/signal/:callback/chunks': 'signature',
  'POST /v1/signal/:callback/heartbeat': 'signature',
  'GET /docs': 'anybody',
  'GET /v1/openapi.json': 'anybody',
  'GET /v1/ping': 'viewer',
  'GET /v1/me': 'viewer',
  'GET /v1/kinds': 'viewer',
  'GET /v1/kinds/:kind/table': 'viewer',
  'GET /v1/connection-status': 'viewer',
  'GET /v1/task-summary': 'viewer',
  'GET /v1/causes': 'viewer',
  'GET /v1/groups': 'viewer',
  'GET /v1/groups/:name': 'viewer',
  'PUT /v1/groups/:name': 'operator',
  'DELETE /v1/groups/:name': 'operator',
  'PUT /v1/tasks/pause': 'operator',
  'DELETE /v1/tasks/pause': 'operator',
  'GET /v1/state/maintenance': 'viewer',
  'PUT /v1/state/maintenance': 'operator',
  'DELETE /v1/state/maintenance': 'operator',
  'GET /v1/state/restored': 'viewer',
  'DELETE /v1/state/restored': 'operator',
  'GET /v1/reconcile': 'viewer',
  'POST /v1/reconcile': 'operator',
  'GET /v1/doctor': 'operator',
  'GET /v1/tokens': 'admin',
  'POST /v1/tokens': 'admin',
  'DELETE /v1/tokens/:id': 'admin',
  'GET /v1/audit': 'operator',
  'GET /v1/secrets': 'admin',
  'POST /v1/secrets/rotate': 'admin',
  'GET /v1/config': 'operator',
  'GET /v1/task-definitions': 'operator',
  'GET /v1/task-definitions/:id': 'operator',
  'GET /v1/task-definitions/:id/diff': 'operator',
  'GET /v1/ecs-quotas': 'operator',
  'GET /v1/clusters': 'operator',
  'GET /v1/clusters/:name': 'operator',
  'GET /v1/clusters/:name/check': 'operator',
  'PUT /v1/clusters/:name': 'admin',
  'DELETE /v1/clusters/:name': 'admin',
  'PUT /v1/clusters/:name/active': 'admin',
  'GET /v1/tasks': 'viewer',
  'GET /v1/tasks/in_processing': 'viewer',
  'GET /v1/stream': 'viewer',
  'POST /v1/tasks': 'submitter',
  'POST /v1/hooks/github': 'signature',
  'POST /v1/hooks/gitlab': 'signature',
  'GET /v1/tasks/:id': 'viewer',
  'GET /v1/tasks/:id/queue': 'viewer',
  'GET /v1/groups/:name/queue': 'viewer',
  'GET /v1/tasks/:id/seen-before': 'viewer',
  'GET /v1/tasks/:id/transcript': 'viewer',
  'GET /v1/tasks/:id/logs': 'viewer',
  'GET /v1/tasks/:id/simulation-script': 'viewer',
  'GET /v1/tasks/:id/events': 'viewer',
  'GET /v1/tasks/:id/attempts': 'viewer',
  'GET /v1/tasks/:id/usage': 'viewer',
  'GET /v1/tasks/:id/output': 'viewer',
  'GET /v1/tasks/:id/stream': 'viewer',
  'PUT /v1/tasks/:id/terminate': 'submitter',
  'PUT /v1/tasks/:id/pause': 'submitter',
  'DELETE /v1/tasks/:id/pause': 'submitter',
  'PUT /v1/tasks/:id/restart': 'submitter',
  // The first task makes those of others wait.
  'PUT /v1/tasks/:id/priority': 'operator',
  'GET /v1/build-steps/public-key': 'submitter',
  'GET /v1/build-steps/public-keys': 'submitter',
  'POST /v1/build-steps/public-keys': 'admin',
  'POST /v1/encrypt': 'submitter',
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard before any route that wants a role runs. */
    principal: Principal | null;
    /** The token of the header, or of the session. Set by the guard. */
    apiToken: string | undefined;
  }
}

/** HEAD is GET without the body, for whoever may GET. */
function routeName(method: string, url: string): string {
  return `${method === 'HEAD' ? 'GET' : method} ${url}`;
}

export function hasRole(principal: Principal, needed: Role): boolean {
  return ROLES.indexOf(principal.role) >= ROLES.indexOf(needed);
}

/** Returns the owner of the request's token; only for routes that want a role. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error(`${request.routeOptions.url} wants a principal but lets anybody in`);
  return request.principal;
}

export interface RouteGuardDeps {
  readonly authenticator: Authenticator;
  readonly limits: Pick<RequestLimits, 'ofToken'>;
  readonly sessions: SessionOpener;
}

/** Guards every route that is registered after this call, by its line in ACCESS. */
export function guardRoutes(app: FastifyInstance, { authenticator, limits, sessions }: RouteGuardDeps): void {
  const registered = new Set<string>();
  app.decorateRequest('principal', null);
  app.decorateRequest('apiToken', undefined);
  app.addHook('onRoute', (route) => {
    const name = routeName(String(route.method), route.url);
    const access = ACCESS[name];
    if (!access) throw new Error(`the route ${name} has no line in ACCESS`);
    registered.add(name);
    if (access === 'anybody' || access === 'signature' || access === 'enrolment-token') return;
    const given = route.onRequest ?? [];
    const guard = async (request: FastifyRequest): Promise<void> => {
      if (access === 'loopback' && isFromLocalProgram(request)) return;
      request.apiToken = tokenOf(request) ?? tokenOfSession(request, sessions);
      if (request.apiToken !== undefined) limits.ofToken(request.apiToken);
      request.principal = await authorise(request, access === 'loopback' ? 'viewer' : access, authenticator);
    };
    route.onRequest = [guard, ...(Array.isArray(given) ? given : [given])];
  });
  app.addHook('onReady', async () => {
    const absent = Object.keys(ACCESS).filter((name) => !registered.has(name));
    if (absent.length > 0) throw new Error(`ACCESS names routes that do not exist: ${absent.join(', ')}`);
  });
}

/**
 * Checks the token of a long request again, because any node may have revoked it or changed its role in the meantime. Returns
 * false when the request would be refused now.
 */
export async function isStillAuthorised(request: FastifyRequest, authenticator: Authenticator): Promise<boolean> {
  const access = ACCESS[routeName(String(request.routeOptions.method), request.routeOptions.url ?? '')];
  const role = ROLES.find((name) => name === access);
  if (!role) throw new Error(`${request.routeOptions.url} wants no role, so nothing of it can be revoked`);
  try {
    request.principal = await authorise(request, role, authenticator);
    return true;
  } catch (error) {
    if (error instanceof OperationalError && (error.code === 'UNAUTHORIZED' || error.code === 'FORBIDDEN'))
      return false;
    throw error;
  }
}

function tokenOf(request: FastifyRequest): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? '')?.[1];
}

async function authorise(request: FastifyRequest, needed: Role, authenticator: Authenticator): Promise<Principal> {
  const token = request.apiToken;
  if (!token) {
    throw new OperationalError('UNAUTHORIZED', {
      happened: 'The request carries no token',
      remedy: 'Send one in the header "Authorization: Bearer <token>"; wipctl takes it from --token or WIP_TOKEN',
    });
  }
  const principal = await authenticator.authenticate(token);
  if (!principal) {
    throw new OperationalError('UNAUTHORIZED', {
      happened: 'The token of the request is not known to this server, or was revoked',
      remedy: 'Use a token that this server gave out',
    });
  }
  if (!hasRole(principal, needed)) {
    throw new OperationalError('FORBIDDEN', {
      happened: `The token of ${principal.name} has the role ${principal.role}, and this needs ${needed}`,
      remedy: `Use a token with the role ${needed}`,
    });
  }
  return principal;
}
