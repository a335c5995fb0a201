import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followTask } from '../../controlplane/cli/client/follow-task.ts';
import { createWipClient } from '../../controlplane/cli/client/wip-client.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { startTestDatabases, type TestDatabases } from '../kit/database/database.ts';
import { eventually } from '../kit/eventually.ts';
import { KeptConnectionClient, type ClientRequest } from '../kit/network/kept-connection-client.ts';
import { ServedInstallation } from '../kit/programs/served-installation.ts';
import { startTcpBalancer, type TcpBalancer } from '../kit/network/tcp-balancer.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';

// Two nodes behind a balancer of connections, as in docker/upgrade.md: one of them is ended by SIGTERM in the middle of everything.

const MASTER_KEY = randomBytes(32);
const LINES = Array.from({ length: 2_000 }, (_, index) => `line ${index} of the build\n`).join('');
const DRAIN_SECONDS = '3';

let databases: TestDatabases;
let wip: ServedInstallation;
let balancer: TcpBalancer;

beforeAll(async () => {
  databases = await startTestDatabases();
  const database = await databases.fresh(2);
  wip = await ServedInstallation.start(simulatedBuild(() => ({ runsFor: 1, stdout: LINES })));
  await wip.configure(database.db, MASTER_KEY);
  const settings = { WIP_DRAIN_SECONDS: DRAIN_SECONDS, WIP_DATABASE_POOL: '8', WIP_TOKEN_RATE: '1000' };
  const urls: string[] = [];
  for (const name of ['first', 'second']) {
    await wip.startNode(name, { databaseUrl: database.url, masterKey: MASTER_KEY, settings });
    urls.push(wip.url);
  }
  balancer = await startTcpBalancer(urls);
  await eventually('both nodes get connections', () => balancer.ready.size === 2);
});
afterAll(async () => {
  await balancer?.close();
  await wip?.close();
  await databases?.close();
});

const READS: readonly string[] = ['/v1/groups', '/v1/tasks?limit=5', '/v1/tasks/1', '/v1/tasks/1/output', '/v1/ping'];

function read(number: number): ClientRequest {
  return { method: 'GET', path: READS[number % READS.length] ?? '/v1/ping' };
}

/** Every fifth request changes something. */
function change(number: number): ClientRequest {
  if (number % 5 > 0) return read(number);
  return { method: 'PUT', path: '/v1/groups/BuildSteps', body: { maxRunning: 10 } };
}

/** Returns what `wipctl logs -f` is sent of the stdout of the build. */
async function follow(id: number): Promise<string> {
  const client = createWipClient({ url: balancer.url, token: wip.token });
  let text = '';
  let end = '';
  for await (const event of followTask(client, id, { clock: systemClock, abort: new AbortController().signal })) {
    if (event.kind === 'output' && event.output.stream === 'stdout')
      text += Buffer.from(event.output.data, 'base64').toString();
    if (event.kind === 'lost') expect(event.why).toBe('the server closed it');
    if (event.kind === 'end') end = String(event.task.exitStatus);
  }
  return `${text}${end}`;
}

describe('a node with drain_seconds that is ended by SIGTERM', () => {
  it('fails no request of a client behind a balancer, whose builds and follows go on', async () => {
    expect((await wip.ended(await wip.addBuild('before'))).exitStatus).toBe('COMPLETED');
    const over = new AbortController();
    const clients = [0, 0, 5, 20, 100, 300].map(
      (thinkMs) => new KeptConnectionClient({ url: balancer.url, token: wip.token, thinkMs }),
    );
    const running = clients.map((client, index) => client.run(index % 2 === 0 ? read : change, over.signal));
    await eventually('requests are answered', () => clients.every(({ answers }) => answers > 2));
    const builds = await Promise.all(['a', 'b', 'c'].map((branch) => wip.addBuild(branch)));
    const follows = builds.map(follow);

    const node = wip.endNode('first', 'close');
    await eventually('the balancer leaves it out', () => balancer.ready.size === 1);
    const during = await wip.addBuild('during');
    follows.push(follow(during));
    await node;
    const atEnd = clients.map(({ answers }) => answers);
    await eventually('requests go on', () => clients.every(({ answers }, index) => answers > (atEnd[index] ?? 0)));
    const followed = await Promise.all(follows);
    over.abort();
    await Promise.all(running);

    expect(clients.flatMap(({ failures }) => failures)).toEqual([]);
    expect(followed.map((text) => text === `${LINES}COMPLETED`)).toEqual(follows.map(() => true));
  });
});
