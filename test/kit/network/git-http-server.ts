import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveOnLoopback, type LoopbackServer } from './loopback-server.ts';

export interface GitHttpServer extends LoopbackServer {
  /** Request lines and Authorization headers of the requests. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
}

/**
 * Serves the repositories below a directory over smart HTTP on loopback, with git's own CGI program. `refuse` returns
 * the status of a request that is not served. `answerInstead` returns whether it answers a request itself.
 */
export async function serveGit(
  root: string,
  refuse: (request: IncomingMessage) => number | undefined = () => undefined,
  answerInstead: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<GitHttpServer> {
  const requests: GitHttpServer['requests'] = [];
  const server = await serveOnLoopback((request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization });
    const status = refuse(request);
    if (status === undefined) return void (answerInstead(request, response) || runBackend(root, request, response));
    request.resume();
    response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="test"' } : {}).end();
  });
  return { ...server, requests };
}

function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const backend = spawn('git', ['-c', 'http.receivepack=true', '-c', 'safe.directory=*', 'http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'test',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  const pieces: Buffer[] = [];
  backend.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  backend.on('close', () => answer(Buffer.concat(pieces), response));
}

/** Sends a CGI answer: headers, an empty line, the body. The status is a header. */
function answer(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf('\r\n\r\n');
  const lines = output.subarray(0, Math.max(end, 0)).toString().split('\r\n');
  for (const line of lines) {
    const [name = '', value = ''] = line.split(/:\s*(.*)/s, 2);
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else if (name !== '') response.setHeader(name, value);
  }
  response.end(output.subarray(end + 4));
}
