import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signedFetch } from '../../kit/network/signed-fetch.ts';
import { startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';

let test: TestEcs;
beforeEach(async () => {
  test = await startTestEcs();
});
afterEach(() => test.close());

async function call(action: string, body: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
  };
  const answer = await signedFetch(test.ecs, test.ecs.endpoint, { method: 'POST', headers, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** Sends these bytes. Returns the answer until the server closes. */
async function send(...pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(Number(new URL(test.ecs.endpoint).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  for (const piece of pieces) if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), closed]);
  await closed;
  return answer;
}

describe('names that every object has', () => {
  const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];

  it.each(NAMES)('%s is a client token like any other', async (clientToken) => {
    const order = JSON.stringify({ taskDefinition: test.definitionArn, clientToken });
    const first = await call('RunTask', order);
    expect(first).toMatchObject({ status: 200, body: { tasks: [{}], failures: [] } });
    const again = await call('RunTask', order);
    const arnOf = ({ body }: typeof first): unknown => (body.tasks as { taskArn: string }[])[0]?.taskArn;
    expect(arnOf(again)).toBe(arnOf(first));
  });

  it.each(NAMES)('%s is a cluster once it is made, and not before', async (name) => {
    expect(await call('ListTasks', JSON.stringify({ cluster: name }))).toMatchObject({
      status: 400,
      body: { __type: 'ClusterNotFoundException' },
    });
    expect(await call('TagResource', JSON.stringify({ resourceArn: name, tags: [{ key: 'a' }] }))).toMatchObject({
      status: 400,
    });
    expect(await call('CreateCluster', JSON.stringify({ clusterName: name }))).toMatchObject({
      status: 200,
      body: { cluster: { clusterName: name, status: 'ACTIVE' } },
    });
    expect(Reflect.get(Object, 'status')).toBeUndefined();
  });
});

describe('a request that nobody can answer gets an error as AWS has it', () => {
  const isAwsError = (answer: string, status: number): void => {
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.toLowerCase()).toContain('content-type: application/x-amz-json-1.1');
    expect(answer).toMatch(/\{"__type":"\w+","message":"[^"]+"/);
  };

  it.each([
    ['no HTTP at all', 'nonsense\r\n\r\n', 400],
    ['no Host', 'POST / HTTP/1.1\r\nConnection: close\r\n\r\n', 403],
    ['a length that is none', 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n', 400],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['headers without an end', `POST / HTTP/1.1\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 400],
    ['an expectation', 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: wonders\r\nConnection: close\r\n\r\n', 417],
  ])('%s', async (_name, bytes, status) => {
    isAwsError(await send(bytes), status);
  });

  it('a target that is no address, with a signature that could be one', async () => {
    const { accessKeyId } = test.ecs.accessKey;
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const scope = `${accessKeyId}/${time.slice(0, 8)}/local/ecs/aws4_request`;
    const answer = await send(
      `POST //[ HTTP/1.1\r\nHost: ${new URL(test.ecs.endpoint).host}\r\nConnection: close\r\nX-Amz-Date: ${time}\r\n` +
        `X-Amz-Target: a\r\nAuthorization: AWS4-HMAC-SHA256 Credential=${scope}, ` +
        `SignedHeaders=host;x-amz-date;x-amz-target, Signature=00\r\n\r\n`,
    );
    isAwsError(answer, 400);
    expect(answer).toContain('InvalidSignatureException');
  });

  it('a body that is too long, which is answered and not cut off', async () => {
    const answer = await call('ListClusters', JSON.stringify({ long: 'x'.repeat(3_000_000) }));
    expect(answer).toMatchObject({ status: 413, body: { __type: 'InvalidParameterException' } });
  });

  it('a body that is nested so deeply that it could not be saved', async () => {
    const overrides = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(await call('RunTask', `{"taskDefinition":"WIP_test","overrides":{"a":${overrides}}}`)).toMatchObject({
      status: 400,
      body: { __type: 'SerializationException' },
    });
    const family = `"family":"deep","containerDefinitions":[{"name":"c"}],"more":${overrides}`;
    expect(await call('RegisterTaskDefinition', `{${family}}`)).toMatchObject({ status: 400 });
    expect(await call('CreateCluster', '{}')).toMatchObject({ status: 200 });
  });
});
