import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import {
  answerProblem,
  createHttpEdge,
  EDGE_OPTIONS,
  formRefusal,
  SERVER_METHODS,
} from '../../shared/http/http-edge.ts';
import { PROBLEM_TYPE, problemDetails } from '../../shared/http/problem-details.ts';
import { refuseCaller } from '../../shared/http/http-callers.ts';
import { parseRequestTarget } from '../../shared/http/request-target.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';
import { acceptedCallers } from './accepted-callers.ts';

// A node looks for its database every second.
const RETRY_AFTER_SECONDS = 5;

export type UnavailableServerConfig = Pick<ControlPlaneConfig, 'host' | 'port' | 'public_url' | 'allowed_hosts'>;

/**
 * Serves requests for a node that waits for its database: alive, not ready, and 503 with Retry-After to everything
 * else. Returns the function that closes the server. With port 0 no client can know the address yet, so none is
 * started.
 */
export async function startUnavailableServer(
  config: UnavailableServerConfig,
  reason: string,
): Promise<() => Promise<void>> {
  const { host, port } = config;
  if (port === 0) return () => Promise.resolve();
  const edge = createHttpEdge(randomUUID);
  const server = createServer(EDGE_OPTIONS, (request, response) => {
    const refusal = refusalOf(request, config);
    if (refusal) return answerProblem(response, refusal, randomUUID());
    const target = parseRequestTarget(request.method, request.url);
    if (target.kind === 'server') return void response.writeHead(204, { allow: SERVER_METHODS }).end();
    const { status, type, body } = answerOf(target.kind === 'path' ? target.pathAndQuery : '/', reason);
    const headers = { 'content-type': type, 'retry-after': String(RETRY_AFTER_SECONDS) };
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
  server.on('clientError', edge.answerClientError);
  edge.attach(server);
  // The node itself reports a port that is taken, as soon as it listens.
  const isOpen = await listens(server.listen(port, host));
  return () => (isOpen ? close(server) : Promise.resolve());
}

interface PlainAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: object;
}

/** A probe is answered whatever query it has, as by the node itself; everything else with the problem details of the API. */
function answerOf(url: string, reason: string): PlainAnswer {
  const type = 'application/json; charset=utf-8';
  const [path] = url.split('?', 1);
  if (path === '/healthz') return { status: 200, type, body: { alive: true } };
  if (path === '/readyz') return { status: 503, type, body: { ready: false, reasons: [reason] } };
  const code = 'DATABASE_UNAVAILABLE';
  const message = `This node has started and takes no requests yet: ${reason}. Ask again in some seconds.`;
  return {
    status: 503,
    type: PROBLEM_TYPE,
    body: problemDetails({ status: 503, code, message, requestId: randomUUID() }),
  };
}

/** As the node itself refuses them. */
function refusalOf(
  request: IncomingMessage,
  config: UnavailableServerConfig,
): Parameters<typeof answerProblem>[1] | null {
  const form = formRefusal(request);
  if (form) return form;
  const refusal = refuseCaller(request, acceptedCallers(config));
  if (!refusal) return null;
  return refusal.kind === 'host'
    ? {
        status: 421,
        code: 'HOST_REFUSED',
        message:
          'The request is for a host by which this node is not known. Use its own address, or set public_url or allowed_hosts to the name under which it is reached.',
      }
    : {
        status: 403,
        code: 'ORIGIN_REFUSED',
        message: 'A web page of another server may not call this one. Open pages of this server only.',
      };
}

function listens(server: Server): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('listening', () => resolve(true)).once('error', () => resolve(false));
  });
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
