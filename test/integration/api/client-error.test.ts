import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { ErrorAnswer } from '../../../controlplane/api/http/error-answer.ts';
import { startUnavailableServer } from '../../../controlplane/node/unavailable-server.ts';
import { createHttpEdge, EDGE_OPTIONS, SERVER_METHODS } from '../../../shared/http/http-edge.ts';
import { findFreePort } from '../../kit/network/free-port.ts';
import { MemoryServices } from '../../kit/memory/memory-services.ts';

/** Both servers of a node, each of which returns its port. */
const SERVERS = {
  'a node': async (): Promise<number> => {
    const app = createHttpApi(new MemoryServices().apiDeps);
    onTestFinished(() => app.close());
    return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  },
  'a node that waits for its database': async (): Promise<number> => {
    const port = await findFreePort();
    const config = { host: '127.0.0.1', port, public_url: undefined, allowed_hosts: '' };
    onTestFinished(await startUnavailableServer(config, 'the database does not answer'));
    return port;
  },
};

/** Sends bytes as they are, PORT replaced, and returns what came until the server closed the connection. */
async function exchange(port: number, sent: string, then?: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  const came: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => {
    if (came.push(bytes) === 1 && then !== undefined) socket.write(then);
  });
  socket.write(sent.replaceAll('PORT', String(port)));
  await once(socket, 'close');
  return Buffer.concat(came).toString();
}

const OWN = 'Host: 127.0.0.1:PORT\r\nConnection: close\r\n';

describe.each(Object.entries(SERVERS))('%s', (_who, listen) => {
  it.each([
    ['is no HTTP', 'hello there\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['has a method that nobody knows', `FOO / HTTP/1.1\r\n${OWN}\r\n`, 400, 'REQUEST_INVALID'],
    ['has a header without a name', 'GET / HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['has headers of 17 kB', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`, 431, 'REQUEST_TOO_LARGE'],
    ['has no header Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['has two headers Host', `GET /healthz HTTP/1.1\r\n${OWN}Host: a\r\n\r\n`, 400, 'REQUEST_INVALID'],
    ['names an empty host in HTTP/1.0', 'GET /healthz HTTP/1.0\r\nHost:\r\n\r\n', 421, 'HOST_REFUSED'],
    ['is for another host', 'GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n', 421, 'HOST_REFUSED'],
    ['is of a page elsewhere', `GET / HTTP/1.1\r\n${OWN}Origin: http://evil.example\r\n\r\n`, 403, 'ORIGIN_REFUSED'],
    ['expects what there is not', `GET /healthz HTTP/1.1\r\n${OWN}Expect: foo\r\n\r\n`, 417, 'REQUEST_INVALID'],
    ['asks for *', `GET * HTTP/1.1\r\n${OWN}\r\n`, 400, 'REQUEST_INVALID'],
    ['posts to *', `POST * HTTP/1.1\r\n${OWN}Content-Length: 0\r\n\r\n`, 400, 'REQUEST_INVALID'],
    ['asks for what begins with *', `OPTIONS *x HTTP/1.1\r\n${OWN}\r\n`, 400, 'REQUEST_INVALID'],
    ['asks for another scheme', `GET ftp://127.0.0.1:PORT/healthz HTTP/1.1\r\n${OWN}\r\n`, 400, 'REQUEST_INVALID'],
    ['has a password', `GET http://a:b@127.0.0.1:PORT/healthz HTTP/1.1\r\n${OWN}\r\n`, 400, 'REQUEST_INVALID'],
    [
      'is for * of another host',
      'OPTIONS * HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      421,
      'HOST_REFUSED',
    ],
    ['has another host in its target', `OPTIONS http://evil.example HTTP/1.1\r\n${OWN}\r\n`, 421, 'HOST_REFUSED'],
    ['wants a tunnel', `CONNECT example.org:443 HTTP/1.1\r\n${OWN}\r\n`, 405, 'METHOD_NOT_ALLOWED'],
    [
      'has a compressed body',
      `POST /v1/tasks HTTP/1.1\r\n${OWN}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b`,
      415,
      'REQUEST_INVALID',
    ],
    [
      'breaks off in a chunk',
      `PUT /v1/x HTTP/1.1\r\n${OWN}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      400,
      'REQUEST_INVALID',
    ],
  ])('a request that %s is refused in the form of every other refusal', async (what, sent, status, code) => {
    const port = await listen();
    const [head = '', body = ''] = (await exchange(port, sent)).split('\r\n\r\n', 2);
    // The waiting node answers such a request before its body has come.
    if (what === 'breaks off in a chunk' && head.startsWith('HTTP/1.1 503')) return;
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/problem+json; charset=utf-8\r\n');
    const answer = ErrorAnswer.parse(JSON.parse(body));
    expect(answer).toMatchObject({ status, code, type: `/docs#${code}`, detail: answer.message });
    expect(answer.message).toMatch(/^[^.].*\w.*\. .*[^.]\.$/);
  });

  it.each(['OPTIONS *', 'OPTIONS http://127.0.0.1:PORT'])(
    'names its methods to %s, the server as a whole',
    async (line) => {
      const answer = await exchange(await listen(), `${line} HTTP/1.1\r\n${OWN}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 204 /);
      expect(answer.toLowerCase()).toContain('\r\nallow: delete, get, head, options, post, put\r\n');
    },
  );

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])(
    'answers %s with a target in absolute form, as proxies send it, as the path alone',
    async (method) => {
      const port = await listen();
      const varying = /^(date|wip-request-id): .*\r\n|"requestId":"[^"]*"/gim;
      for (const path of ['/healthz', '/healthz?from=a-balancer', '/readyz', '/v1/nothing', '/docs', '/%zz']) {
        const [plain, ...absolute] = await Promise.all(
          [path, `http://127.0.0.1:PORT${path}`, `HTTP://localhost:PORT${path.replace(/^\/\?/, '?')}`].map(
            async (target) => (await exchange(port, `${method} ${target} HTTP/1.1\r\n${OWN}\r\n`)).replace(varying, ''),
          ),
        );
        expect(absolute, path).toEqual([plain, plain]);
      }
    },
  );
});

it('the methods of the server as a whole are those of its routes', async () => {
  const app = createHttpApi(new MemoryServices().apiDeps);
  onTestFinished(() => app.close());
  const methods = new Set(['OPTIONS']);
  await app.ready();
  for (const method of app.supportedMethods) {
    if (new RegExp(`\\b${method}\\b`).test(app.printRoutes({ commonPrefix: false }))) methods.add(method);
  }
  expect([...methods].sort().join(', ')).toBe(SERVER_METHODS);
});

it('a request that came before what is no HTTP has its own answer first', async () => {
  const edge = createHttpEdge(() => 'x');
  const broken = Promise.withResolvers<void>();
  const server = createServer(EDGE_OPTIONS, (_request, response) => {
    void broken.promise.then(() => response.writeHead(201, { 'content-length': 4 }).end('done'));
  });
  server.on('clientError', (error, socket) => {
    edge.answerClientError(error, socket);
    broken.resolve();
  });
  edge.attach(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const came = await exchange(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}no HTTP at all\r\n\r\n');
  expect(came.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 201', 'HTTP/1.1 400']);
});

it('an answer that has begun is broken off, and has no other answer within it', async () => {
  const edge = createHttpEdge(() => 'x');
  const server = createServer(EDGE_OPTIONS, (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('the first half');
  });
  edge.attach(server.on('clientError', edge.answerClientError));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const came = await exchange(port, 'GET /half HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n', 'no HTTP\r\n\r\n');
  expect(came).toMatch(/the first half$/);
});
