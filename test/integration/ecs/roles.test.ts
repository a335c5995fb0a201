import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openEcsClient, type EcsClient } from '../../../controlplane/ecs/client/ecs-client.ts';
import { launchOutcome } from '../../../controlplane/ecs/launch/launch-outcome.ts';
import { NO_PROXY, type NodeProxy } from '../../../controlplane/ecs/client/proxy.ts';
import { ECS_QUOTAS } from '../../../controlplane/ecs/client/quotas.ts';
import { createBuckets } from '../../../controlplane/ecs/client/shared-quotas.ts';
import { startConnectProxy } from '../../kit/network/connect-proxy.ts';
import { countCalls, idleLauncher } from '../../kit/ecs/counting-ecs.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { PATIENT_CONTAINER, silentLog, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { selfSigned } from '../../kit/network/self-signed.ts';
import { newKey, startSts, type StsServer, type StsServerOptions } from '../../kit/ecs/sts-server.ts';

const ROLE = 'arn:aws:iam::123456789012:role/wip';
const BASE = newKey();

let test: TestEcs;
beforeAll(async () => {
  test = await startTestEcs(PATIENT_CONTAINER, { launcher: idleLauncher });
});
afterAll(() => test.close());

/** Starts an STS that gives keys which local ECS knows. */
async function sts(changes: Partial<StsServerOptions> = {}): Promise<StsServer> {
  const server = await startSts({
    keys: [{ key: BASE, account: '123456789012' }],
    roles: [{ arn: ROLE, trusts: [BASE.accessKeyId], externalId: 'wip-builds' }],
    sessionKey: () => test.ecs.accessKey,
    ...changes,
  });
  onTestFinished(() => server.stop());
  return server;
}

function client(changes: Partial<EcsClient['cluster']>, proxy: NodeProxy = NO_PROXY): EcsClient {
  const clock = new HastyClock();
  const buckets = createBuckets(ECS_QUOTAS, { liveNodes: () => 1, clock });
  const opened = openEcsClient({
    cluster: {
      name: 'gpu',
      region: 'local',
      cluster: 'default',
      accessKeyId: BASE.accessKeyId,
      secretAccessKey: BASE.secretAccessKey.reveal(),
      endpoint: test.ecs.endpoint,
      launch: { type: 'ec2' },
      ...changes,
    },
    proxy,
    sessionName: () => 'wip-0f5c1a2b-node-1',
    quotas: () => buckets,
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  onTestFinished(() => opened.close());
  return opened;
}

const request = (token: string) => ({
  cluster: 'default',
  taskDefinition: test.definitionArn,
  clientToken: token,
  startedBy: 'wip/test/7/1',
  count: 1 as const,
  overrides: { containerOverrides: [] },
  tags: [],
});

describe('a cluster with a role', () => {
  it('is called with the credentials of a session that names installation and node', async () => {
    const { url, calls } = await sts();
    const ecs = client({ roleArn: ROLE, externalId: 'wip-builds', connection: { stsEndpoint: url } });
    await Promise.all([ecs.check(), ecs.listTasks({ desiredStatus: 'RUNNING' }), ecs.check()]);
    expect(await ecs.check()).toMatchObject({ status: 'ACTIVE' });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: ROLE,
      RoleSessionName: 'wip-0f5c1a2b-node-1',
      ExternalId: 'wip-builds',
      DurationSeconds: '3600',
    });
  });

  it('gets a new session before the old one ends', async () => {
    // Less than the five minutes before its end in which a session is renewed.
    const { url, calls } = await sts({ sessionMs: 4 * 60_000 });
    const counting = await countCalls(test.ecs);
    onTestFinished(() => counting.stop());
    const connection = { stsEndpoint: url };
    const ecs = client({ roleArn: ROLE, externalId: 'wip-builds', connection, endpoint: counting.endpoint });
    for (let n = 0; n < 3; n += 1) await ecs.check();
    expect(calls.length).toBeGreaterThanOrEqual(3);
    const tokens = counting.calls.map(({ sessionToken }) => sessionToken);
    expect(new Set(tokens).size).toBe(3);
    expect(tokens.every((token) => token?.startsWith('session-'))).toBe(true);
  });

  it.each([
    ['another external id', { roleArn: ROLE, externalId: 'guessed' }],
    ['a role that is not there', { roleArn: `${ROLE}-2`, externalId: 'wip-builds' }],
  ])('with %s is a matter of configuration, and no launch is refused for it', async (_what, role) => {
    const { url } = await sts();
    const ecs = client({ ...role, connection: { stsEndpoint: url } });
    const answer = await ecs.runTask(request('refused-role'));
    expect(answer).toMatchObject({ kind: 'error', error: 'access-denied' });
    expect(launchOutcome(answer)).toMatchObject({
      kind: 'no_information',
      sentence: expect.stringMatching(new RegExp(`the role ${role.roleArn} of the cluster "gpu" cannot be assumed`)),
    });
    await expect(ecs.check()).rejects.toThrow(/its trust policy must allow it/);
  });

  it('waits while STS is away or throttles', async () => {
    const server = await sts();
    const ecs = client({ roleArn: ROLE, externalId: 'wip-builds', connection: { stsEndpoint: server.url } });
    for (const [status, code, kind] of [
      [503, 'ServiceUnavailable', 'unavailable'],
      [400, 'Throttling', 'throttled'],
    ] as const) {
      server.outage = { status, code };
      expect(await ecs.runTask(request('sts-away'))).toMatchObject({ kind: 'error', error: kind });
    }
    server.outage = null;
    expect(await ecs.runTask(request('sts-back'))).toMatchObject({ kind: 'started' });
  });
});

describe('the keys of a session', () => {
  it('go with their session token', async () => {
    const counting = await countCalls(test.ecs);
    onTestFinished(() => counting.stop());
    await client({ sessionToken: 'token-of-the-operator', endpoint: counting.endpoint }).check();
    expect(counting.calls).toMatchObject([
      { accessKeyId: BASE.accessKeyId, sessionToken: 'token-of-the-operator', action: 'DescribeClusters' },
    ]);
  });
});

describe('the account of credentials', () => {
  it('is what STS says, and nothing where there is no STS', async () => {
    const { url } = await sts();
    expect(await client({ connection: { stsEndpoint: url } }).findAccount()).toBe('123456789012');
    expect(await client({}).findAccount()).toBeNull();
  });
});

describe('calls through a proxy', () => {
  it('are tunnels for https, of the node’s proxy or of the cluster’s own, and none for hosts in no_proxy', async () => {
    const tls = selfSigned();
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, tls.cert.toString()]);
    onTestFinished(() => setDefaultCACertificates(before));
    const [https, ofNode, own] = await Promise.all([
      countCalls(test.ecs, tls),
      startConnectProxy(),
      startConnectProxy(),
    ]);
    onTestFinished(async () => void (await Promise.all([https.stop(), ofNode.stop(), own.stop()])));
    const target = new URL(https.endpoint).host;
    const endpoint = https.endpoint;
    const node = { url: ofNode.url, except: '' };

    expect(await client({ endpoint }, node).check()).toMatchObject({ status: 'ACTIVE' });
    expect([ofNode.tunnels, own.tunnels]).toEqual([[target], []]);
    await client({ endpoint, connection: { proxy: own.url } }, node).check();
    expect([ofNode.tunnels, own.tunnels]).toEqual([[target], [target]]);
    await client({ endpoint, connection: { proxy: 'direct' } }, node).check();
    await client({ endpoint }, { ...node, except: 'localhost' }).check();
    expect([ofNode.tunnels, own.tunnels]).toEqual([[target], [target]]);
    expect(https.calls).toHaveLength(4);
  });

  it('that a proxy refuses with a page of its own are no answer of ECS', async () => {
    const proxy = await startConnectProxy();
    onTestFinished(() => proxy.stop());
    const answer = await client({ connection: { proxy: proxy.url } }).runTask(request('proxy-page'));
    expect(answer).toMatchObject({ kind: 'error', error: 'unavailable' });
    expect(proxy.requests.length).toBeGreaterThan(0);
  });
});
