import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEcsClient, type EcsClient } from '../../../controlplane/ecs/client/ecs-client.ts';
import { ECS_QUOTAS } from '../../../controlplane/ecs/client/quotas.ts';
import { createBuckets } from '../../../controlplane/ecs/client/shared-quotas.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { silentLog, testContainer, testIdentity } from '../../kit/ecs/local-ecs.ts';
import { serveOnLoopback, type LoopbackServer } from '../../kit/network/loopback-server.ts';
import { MemoryLedger } from '../../kit/memory/memory-ledger.ts';

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

let page: Page;
let server: LoopbackServer;
let client: EcsClient;

beforeEach(async () => {
  server = await serveOnLoopback((_request, response) => {
    response.writeHead(page.status, { 'content-type': page.type }).end(page.body);
  });
  const clock = new HastyClock();
  const quotas = createBuckets(ECS_QUOTAS, { liveNodes: () => 1, clock });
  client = openEcsClient({
    cluster: {
      name: 'test',
      region: 'local',
      cluster: 'default',
      accessKeyId: 'AKIA',
      secretAccessKey: 'secret',
      endpoint: server.url,
      launch: { type: 'ec2' },
    },
    quotas: () => quotas,
    clock,
    random: () => 0.5,
    log: silentLog,
  });
});
afterEach(async () => {
  client.close();
  await server.stop();
});

const HTML = '<html><body><h1>Forbidden</h1>Your administrator has blocked this page.</body></html>';

describe('a launch that something else than ECS answers', () => {
  it.each<[string, Page]>([
    ['the 403 page of a proxy', { status: 403, type: 'text/html', body: HTML }],
    ['the 407 page of a proxy', { status: 407, type: 'text/html', body: HTML }],
    ['a 502 page', { status: 502, type: 'text/html', body: HTML }],
    ['a 503 page', { status: 503, type: 'text/html', body: HTML }],
    ['a login page with status 200', { status: 200, type: 'text/html', body: HTML }],
    ['a 403 without a body', { status: 403, type: 'text/plain', body: '' }],
    ['the JSON of a gateway', { status: 403, type: 'application/json', body: '{"message":"Forbidden"}' }],
    ['JSON that is no object', { status: 400, type: 'application/json', body: 'null' }],
    ['an empty answer with status 200', { status: 200, type: 'application/json', body: '{}' }],
  ])('is not refused, and not taken for a full cluster: %s', async (_what, given) => {
    page = given;
    const ledger = new MemoryLedger(testIdentity(1));
    const container = testContainer({ client, definitionArn: 'arn:aws:ecs:local:0:task-definition/a:1' }, ledger);
    expect(await container.run()).toMatchObject({ kind: 'no_information', cause: 'ecs-unavailable' });
  });

  it('waits in a cluster of mixed machines when one of them is only full', async () => {
    const failures = [
      { arn: 'arn:1', reason: 'ATTRIBUTE' },
      { arn: 'arn:2', reason: 'RESOURCE:MEMORY' },
    ];
    page = { status: 200, type: 'application/x-amz-json-1.1', body: JSON.stringify({ tasks: [], failures }) };
    const ledger = new MemoryLedger(testIdentity(3));
    const container = testContainer({ client, definitionArn: 'arn:aws:ecs:local:0:task-definition/a:1' }, ledger);
    expect(await container.run()).toMatchObject({ kind: 'no_resources', cause: 'no-capacity' });
  });

  it('says who answered, in words for people', async () => {
    page = { status: 403, type: 'text/html; charset=utf-8', body: HTML };
    const ledger = new MemoryLedger(testIdentity(2));
    const container = testContainer({ client, definitionArn: 'arn:aws:ecs:local:0:task-definition/a:1' }, ledger);
    expect(await container.run()).toMatchObject({
      sentence: expect.stringContaining(
        'HTTP 403 with text/html, which is no answer of ECS: a proxy, gateway or firewall',
      ),
    });
  });
});
