import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { LaunchRequest } from '../../../controlplane/containers/launch-ledger.ts';
import { ContainerAgent } from '../../../controlplane/engine/container/container-agent.ts';
import type { ClusterLocation } from '../../../controlplane/ecs/config/cluster-location.ts';
import { createLaunchLedger, type OpenTarget } from '../../../controlplane/engine/container/create-launch-ledger.ts';
import type { AgentClient } from '../../../controlplane/ssh/agent-client.ts';
import { EcsClusterStore } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import type { AttemptRow, Db } from '../../../controlplane/store/schema.ts';
import { createEnrolmentService } from '../../../controlplane/api/agents/enrolment-service.ts';
import { readBuildKeys } from '../../../controlplane/keys/build-key.ts';
import { EnrolmentToken } from '../../../shared/protocol/enrolment.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { contentOf } from '../../kit/database/dump.ts';
import { engineDeps } from '../../kit/engine.ts';
import { operatorsOf } from '../../kit/operators.ts';
import { startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const masterKey = new Secret(randomBytes(32));

/** Returns everything that a copy of the database would show. */
async function copyOf(db: Db): Promise<string> {
  return JSON.stringify(await contentOf(db));
}

/**
 * Commits the intent of a launch as the engine does before it sends the request. Returns the attempt and its enrolment
 * token.
 */
async function intendedLaunch(db: Db): Promise<{ attempt: AttemptRow; enrolToken: string }> {
  const lease = await startedTask(db);
  let attempt: AttemptRow | undefined;
  const location: ClusterLocation = {
    region: 'local',
    cluster: 'default',
    endpoint: null,
    accessKeyId: null,
    roleArn: null,
  };
  // A first launch asks nothing of the target.
  const target = { name: 'default', location } as OpenTarget;
  let enrolToken = '';
  const stored = { name: 'default', ...location, roleArn: null, launch: {}, secretAccessKey: null };
  await new EcsClusterStore(db, masterKey).save(stored);
  const ledger = createLaunchLedger(engineDeps(db, [], { masterKey }), {
    lease,
    uuid: lease.uuid,
    key: `launch-${randomUUID()}`,
    openNew: () => Promise.resolve({ ...target, reason: 'it is the active cluster' }),
    openOf: () => Promise.resolve(target),
    attempts: 0,
    currentAttempt: null,
    onAttempt: (made) => (attempt = made),
  });
  await ledger.intend((identity) => {
    enrolToken = identity.enrolToken;
    const environment = [{ name: 'WIP_ENROL', value: identity.enrolToken }];
    return Promise.resolve(
      LaunchRequest.parse({
        cluster: 'default',
        runTask: {
          cluster: 'default',
          taskDefinition: 'WIP:1',
          clientToken: 'c',
          startedBy: identity.startedBy,
          count: 1,
          overrides: { containerOverrides: [{ name: 'build', environment }] },
          tags: [],
        },
        secureOverrides: { TOKEN: 'canary-of-a-secure-override' },
        createdAt: new Date().toISOString(),
      }),
    );
  });
  return { attempt: attempt!, enrolToken };
}

describe('a copy of the database does not show', () => {
  it('the secure overrides of a launch, its enrolment secret, and the private half of its SSH key', async () => {
    const { db } = await databases.fresh();
    const { enrolToken } = await intendedLaunch(db);
    const copy = await copyOf(db);
    expect(copy).not.toContain('canary-of-a-secure-override');
    expect(copy).not.toContain('PRIVATE KEY');
    expect(copy).not.toContain(EnrolmentToken.parse(enrolToken).secret);
  });

  it('the key that a container signs with', async () => {
    const { db } = await databases.fresh();
    const { enrolToken } = await intendedLaunch(db);
    const enrolment = createEnrolmentService({
      ...engineDeps(db, [], { masterKey }),
      onEnrolment: () => undefined,
    });
    const outcome = await enrolment.enrol({
      ...EnrolmentToken.parse(enrolToken),
      hostKey: 'ssh-ed25519 AAAA',
      agentVersion: '0.1.0',
      startedAt: new Date().toISOString(),
      nonce: 'n'.repeat(16),
    });
    if (outcome.kind !== 'enrolled') throw new Error(`the enrolment was ${outcome.kind}`);
    expect(await copyOf(db)).not.toContain(outcome.answer.key);
  });

  it('the environment that a process is started with', async () => {
    const { db } = await databases.fresh();
    const { attempt } = await intendedLaunch(db);
    const [lease] = (await sql<{ id: number; token: number }>`SELECT id, token FROM task`.execute(db)).rows;
    const sent: unknown[] = [];
    const client = { startProcess: (_key: string, body: unknown) => Promise.resolve(void sent.push(body)) };
    const access = new ContainerAgent(
      engineDeps(db, [], {
        masterKey,
        // The test uses no other part of the agent's client.
        agents: { connect: () => Promise.resolve(client as unknown as AgentClient), drop: () => Promise.resolve() },
      }),
      {
        row: { ...attempt, hostKey: 'ssh-ed25519 AAAA' },
        address: () => Promise.resolve({ host: '127.0.0.1', port: 22 }),
        update: () => undefined,
      },
      {
        lease: lease as never,
        effectKey: (scope, name) => `${scope} ${name}`,
        now: new Date(),
        abort: new AbortController().signal,
      },
    );
    const body = { command: ['make'], environment: { TOKEN: 'canary-of-a-process' } };
    await access.startProcess('build', body, 'container');
    expect(sent).toEqual([body]);
    expect(await copyOf(db)).not.toContain('canary-of-a-process');
  });

  it('the credentials of a cluster', async () => {
    const { db } = await databases.fresh();
    const store = new EcsClusterStore(db, masterKey);
    const secretAccessKey = new Secret('canary-of-a-cluster');
    const place = { region: 'r', cluster: 'c', accessKeyId: 'AKIA', roleArn: null, endpoint: null, launch: {} };
    const sessionToken = new Secret('canary-of-a-session');
    await store.save({ name: 'default', ...place, secretAccessKey, sessionToken });
    expect(await copyOf(db)).not.toMatch(/canary-of-a-(cluster|session)/);
    const loaded = await store.load('default');
    expect(loaded.secretAccessKey?.reveal()).toBe('canary-of-a-cluster');
    expect(loaded.sessionToken?.reveal()).toBe('canary-of-a-session');
  });

  it('the key that opens the secure values of build files', async () => {
    const { db } = await databases.fresh();
    const [{ privateKey }] = await readBuildKeys(db, masterKey);
    const copy = await copyOf(db);
    expect(copy).not.toContain('PRIVATE KEY');
    expect(copy).not.toContain(privateKey.split('\n')[1]);
    expect((await readBuildKeys(db, masterKey))[0].privateKey).toBe(privateKey);
  });

  it('a token of the API', async () => {
    const { db } = await databases.fresh();
    const { token } = await operatorsOf(db).tokens.createToken({ name: 'ann', role: 'admin' }, 'root');
    expect(token.length).toBeGreaterThan(20);
    expect(await copyOf(db)).not.toContain(token);
  });
});
