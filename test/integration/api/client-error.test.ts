import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createHttpApi } from '../../../controlplane/api/create-http-api.ts';
import { ErrorAnswer } from '../../../controlplane/api/http/error-answer.ts';
import { MemoryServices } from '../../kit/memory-services.ts';

/** Sends bytes as they are, and returns what came until the server closed the connection. */
async function exchange(sent: string): Promise<string> {
  const app = createHttpApi(new MemoryServices().apiDeps);
  onTestFinished(() => app.close());
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  const came: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => came.push(bytes));
  socket.write(sent);
  await once(socket, 'close');
  return Buffer.concat(came).toString();
}

it.each([
  ['is no HTTP', 'hello there\r\n\r\n', 400, 'REQUEST_INVALID'],
  ['has a header without a name', 'GET / HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n', 400, 'REQUEST_INVALID'],
  ['has headers of 17 kB', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`, 431, 'REQUEST_TOO_LARGE'],
])('a request that %s is refused in the form of every other refusal', async (_, sent, status, code) => {
  const [head = '', body = ''] = (await exchange(sent)).split('\r\n\r\n', 2);
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toContain('Content-Type: application/problem+json');
  expect(ErrorAnswer.parse(JSON.parse(body))).toMatchObject({ status, code, type: `/docs#${code}` });
});
