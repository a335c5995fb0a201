import { existsSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectAgent, type AgentClient, type AgentEndpoint } from '../../../controlplane/ssh/agent-client.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { eventually } from '../../kit/eventually.ts';
import { SshAgentFixture, readBody } from '../../kit/agent/ssh-agent-fixture.ts';

let fixture: SshAgentFixture;
const clients: AgentClient[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  fixture = await SshAgentFixture.start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const server of servers.splice(0)) server.close();
  await fixture.close();
});

async function connect(changes: Partial<AgentEndpoint> = {}): Promise<AgentClient> {
  const client = await connectAgent(fixture.endpoint(changes));
  clients.push(client);
  return client;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof OperationalError ? error.code : `not an OperationalError: ${String(error)}`;
}

/** Starts a TCP server that misbehaves in a given way. */
async function oddServer(onConnection: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(onConnection);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function answerJson(status: number, body: unknown): RequestListener {
  return (_request, response) => void response.writeHead(status).end(JSON.stringify(body));
}

const STATUS = {
  processId: 'build',
  state: 'running',
  pid: 42,
  startTime: 1_772_366_400,
  streams: { stdout: { bytes: 0, omitted: 0 }, stderr: { bytes: 0, omitted: 0 } },
  progress: 0,
  secondsSinceProgress: 0,
  noProgress: false,
};

describe('connecting', () => {
  it('tells a port where nobody listens', async () => {
    const { port } = fixture.server;
    await fixture.server.close();
    expect(await codeOf(connect({ port }))).toBe('SSH_REFUSED');
  });

  it('tells a peer that closes before any banner', async () => {
    const port = await oddServer((socket) => socket.end());
    expect(await codeOf(connect({ port }))).toBe('SSH_KEY_EXCHANGE');
  });

  it('tells a peer that resets the connection', async () => {
    const port = await oddServer((socket) => socket.resetAndDestroy());
    expect(await codeOf(connect({ port }))).toBe('SSH_KEY_EXCHANGE');
  });

  it('tells a peer that speaks something else', async () => {
    const port = await oddServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    expect(await codeOf(connect({ port }))).toBe('SSH_KEY_EXCHANGE');
  });

  it('tells a peer that says nothing', async () => {
    const port = await oddServer((socket) => socket.on('error', () => undefined));
    expect(await codeOf(connect({ port, timeoutMs: 300 }))).toBe('SSH_TIMEOUT');
  });

  it('tells another host key than the enrolled one, before it logs in', async () => {
    expect(await codeOf(connect({ hostKeyLine: createSshKeyPair().publicLine }))).toBe('SSH_HOST_KEY');
    expect(fixture.log.entries.filter((entry) => entry.message === 'ssh login')).toEqual([]);
  });

  it('tells a key that the agent does not know', async () => {
    expect(await codeOf(connect({ privateKey: createSshKeyPair().privateKey }))).toBe('SSH_AUTH');
  });

  it('tells a user whom the agent does not know', async () => {
    expect(await codeOf(connect({ user: 'nobody' }))).toBe('SSH_AUTH');
  });

  it('works again after a failure', async () => {
    await codeOf(connect({ privateKey: createSshKeyPair().privateKey }));
    expect((await connect()).isOpen).toBe(true);
  });
});

describe('the agent API through the tunnel', () => {
  it('starts a process with the body as it is', async () => {
    let seen = {};
    fixture.answer = (request, response) =>
      void readBody(request).then((body) => {
        seen = { method: request.method, url: request.url, body: JSON.parse(body) as unknown };
        response.writeHead(201).end(JSON.stringify(STATUS));
      });
    const client = await connect();
    expect(await client.startProcess('build', { command: ['make', 'a b'] })).toEqual(STATUS);
    expect(seen).toEqual({ method: 'PUT', url: '/v1/processes/build', body: { command: ['make', 'a b'] } });
  });

  it('asks many things at a time over one connection', async () => {
    fixture.answer = answerJson(200, STATUS);
    const client = await connect();
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.processStatus('build')));
    expect(answers.length).toBe(50);
  });

  it('reads output from an offset, and says where it begins', async () => {
    fixture.answer = (request, response) => {
      expect(request.url).toBe('/v1/processes/build/output?stream=stderr&offset=10&maxBytes=100');
      response.writeHead(200, { 'x-wip-offset': '25' }).end(Buffer.from([0, 255, 10]));
    };
    const client = await connect();
    expect(await client.processOutput('build', 'stderr', 10, 100)).toEqual({
      offset: 25,
      bytes: Buffer.from([0, 255, 10]),
    });
  });

  it('writes and reads files with paths that need quoting anywhere else', async () => {
    const seen: string[] = [];
    fixture.answer = (request, response) =>
      void readBody(request).then((body) => {
        const url = new URL(request.url ?? '', 'http://agent');
        seen.push(`${request.method} ${JSON.stringify([...url.searchParams])} ${body}`);
        response.end('content');
      });
    const client = await connect();
    await client.writeFile({ path: '/tmp/a b&c\'"', user: 'builder', mode: 0o600, content: '#!/bin/sh' });
    expect((await client.readFile({ path: '/tmp/ü' })).toString()).toBe('content');
    expect(seen).toEqual([
      `PUT ${JSON.stringify([
        ['path', '/tmp/a b&c\'"'],
        ['user', 'builder'],
        ['mode', '600'],
      ])} #!/bin/sh`,
      `GET ${JSON.stringify([['path', '/tmp/ü']])} `,
    ]);
  });

  it("keeps the agent's own code and sentences", async () => {
    const message = 'The process key build is in use with another body. Use another key.';
    fixture.answer = answerJson(409, { code: 'PROCESS_CONFLICT', message });
    const client = await connect();
    await expect(client.startProcess('build', { command: ['true'] })).rejects.toMatchObject({
      code: 'PROCESS_CONFLICT',
      message,
    });
  });

  it('takes everything else that is wrong for AGENT_API_FAILED', async () => {
    const client = await connect();
    fixture.answer = answerJson(500, { code: 'SOMETHING_NEW', message: 'What? That.' });
    expect(await codeOf(client.processStatus('build'))).toBe('AGENT_API_FAILED');
    fixture.answer = (_request, response) => void response.end('not json');
    expect(await codeOf(client.processStatus('build'))).toBe('AGENT_API_FAILED');
    fixture.answer = answerJson(200, { nonce: 'of somebody else' });
    expect(await codeOf(client.health('mine'))).toBe('AGENT_API_FAILED');
  });

  it('does not wait for an answer that never comes, and takes it for no refusal', async () => {
    fixture.answer = () => undefined;
    const client = await connect({ timeoutMs: 500 });
    expect(await codeOf(client.usage())).toBe('SSH_TIMEOUT');
    expect(client.isOpen).toBe(true);
  });

  it('takes an answer that breaks off for no refusal', async () => {
    const client = await connect();
    fixture.answer = (_request, response) => void response.destroy();
    expect(await codeOf(client.shutdown())).toBe('SSH_CHANNEL');
    fixture.answer = (_request, response) => void response.write('{', () => response.destroy());
    expect(await codeOf(client.usage())).toBe('SSH_CHANNEL');
  });

  it('does not read more output than was asked for', async () => {
    fixture.answer = (_request, response) => void response.end(Buffer.alloc(5_000));
    const client = await connect();
    expect(await codeOf(client.processOutput('build', 'stdout', 0, 1_000))).toBe('AGENT_API_FAILED');
  });

  it('fails what is under way when the agent goes away, and says that it is closed', async () => {
    let isAsked = false;
    fixture.answer = () => (isAsked = true);
    const client = await connect();
    const usage = codeOf(client.usage());
    await eventually('the request', () => isAsked);
    await fixture.server.close();
    expect(await usage).toBe('SSH_CHANNEL');
    await eventually('the end of the connection', () => !client.isOpen);
    expect(await codeOf(client.usage())).toBe('SSH_CHANNEL');
    expect(await codeOf(client.exec('true'))).toBe('SSH_CHANNEL');
  });

  it('tells a socket where nobody listens', async () => {
    await fixture.server.close();
    await fixture.listen({ socketPath: `${fixture.directory}/none.sock` });
    expect(await codeOf((await connect()).usage())).toBe('SSH_CHANNEL');
  });
});

describe('commands', () => {
  it('give both streams and the exit code', async () => {
    const outcome = await (await connect()).exec('echo out; echo err >&2; exit 3');
    expect(outcome).toEqual({ exitCode: 3, signal: null, stdout: Buffer.from('out\n'), stderr: Buffer.from('err\n') });
    expect(fixture.runner.requests).toMatchObject([{ user: 'root' }]);
  });

  it('give the signal that ended them', async () => {
    expect(await (await connect()).exec('kill -TERM $$')).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  it('are not waited for longer than the time that was given', async () => {
    expect(await codeOf((await connect({ timeoutMs: 400 })).exec('sleep 60'))).toBe('SSH_TIMEOUT');
  });

  it('are hung up when the control plane goes away', async () => {
    const client = await connect();
    const mark = `${fixture.directory}/hung-up`;
    const set = `${mark}-is-awaited`;
    const exec = codeOf(client.exec(`trap 'touch ${mark}; exit' HUP; touch ${set}; while :; do sleep 0.05; done`));
    await eventually('the command', () => existsSync(set));
    await client.close();
    expect(await exec).toBe('SSH_CHANNEL');
    await eventually('the hang-up', () => existsSync(mark));
  });

  it('lose no byte of two long streams that come at the same time', async () => {
    const client = await connect({ timeoutMs: 25_000 });
    const { stdout, stderr } = await client.exec(
      'head -c 900000 /dev/zero | tr "\\0" o & head -c 900000 /dev/zero | tr "\\0" e >&2 & wait',
    );
    expect([stdout.length, stderr.length]).toEqual([900_000, 900_000]);
    expect(stdout.every((byte) => byte === 0x6f) && stderr.every((byte) => byte === 0x65)).toBe(true);
  });
});
