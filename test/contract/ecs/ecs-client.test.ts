import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { readFileSync } from 'node:fs';
import { placementOf } from '../../../controlplane/ecs/config/cluster.ts';
import { readEcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import type { EcsSeen, EcsSnapshot, LaunchOutcome } from '../../../controlplane/containers/container.ts';
import { composeDefinition } from '../../../controlplane/ecs/definition/task-definition.ts';
import { parseYamlSource } from '../../../controlplane/ecs/config/yaml-source.ts';
import { eventually } from '../../kit/eventually.ts';
import { testContainer, testIdentity } from '../../kit/ecs/local-ecs.ts';
import { MemoryLedger } from '../../kit/memory/memory-ledger.ts';
import { CHECKOUT } from '../../kit/programs/program.ts';
import { openPeer, PEER_URL, type EcsPeer } from './ecs-peer.ts';

/*
 * What our client asks of a server that speaks the protocol of ECS, whosever it is:
 *
 *   npm run test:ecs-contract                            against local ECS, as in npm test
 *   WIP_PEER_ECS=http://127.0.0.1:5000 npm run …         against that server
 *
 * Without a mark a test is essential: a server that fails it cannot run builds. `unless` skips what makes launches safer
 * or texts better, with the reason, where another server lacks it. Local ECS may lack nothing.
 */
const isOther = PEER_URL !== undefined;
// Other servers pull an image first.
const STATUS_MS = isOther ? 30_000 : 10_000;

let peer: EcsPeer;
let definitionArn: string;
/** Tasks of another run on the same server have other numbers. */
let task = Math.floor(Math.random() * 1_000_000_000);

function definitionFor(family: string): RegisterTaskDefinitionCommandInput {
  const isFargate = peer.launch.type === 'fargate';
  const script = 'trap "exit 0" TERM; while :; do sleep 1; done';
  return {
    family: `${peer.clusterName}-${family}`,
    ...(isFargate && { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'], cpu: '256', memory: '512' }),
    containerDefinitions: [
      {
        name: 'build',
        image: 'public.ecr.aws/docker/library/busybox:stable',
        memory: 128,
        essential: true,
        stopTimeout: 5,
        command: ['/bin/sh', '-c', script],
      },
    ],
  };
}

beforeAll(async () => {
  peer = await openPeer();
  definitionArn = (await peer.client.registerTaskDefinition(definitionFor('launch'))).arn;
});
afterAll(() => peer?.close());

/** Skips the rest of the test on another server that lacks this; on local ECS it is a failure. */
function unless(context: TestContext, isThere: boolean, lack: string): void {
  if (!isThere && isOther) context.skip(`the server at ${PEER_URL} ${lack}`);
}

function newLedger(): MemoryLedger {
  task += 1;
  return new MemoryLedger(testIdentity(task));
}

function launchWith(ledger: MemoryLedger, arn = definitionArn): Promise<LaunchOutcome> {
  const target = { cluster: peer.clusterName, placement: placementOf(peer.launch) };
  return testContainer({ client: peer.client, definitionArn: arn }, ledger, target).run();
}

async function launchedArn(ledger: MemoryLedger): Promise<string> {
  const outcome = await launchWith(ledger);
  if (outcome.kind !== 'launched') throw new Error(`not launched: ${JSON.stringify(outcome)}`);
  return outcome.arn;
}

async function seen(arn: string): Promise<EcsSeen> {
  const snapshot: EcsSnapshot = await peer.client.describe(arn, 'fresh');
  if (snapshot.kind !== 'seen') throw new Error(`not seen: ${JSON.stringify(snapshot)}`);
  return snapshot;
}

async function reaches(arn: string, status: 'RUNNING' | 'STOPPED'): Promise<EcsSeen | null> {
  const wanted = async (): Promise<EcsSeen | null> => {
    const snapshot = await seen(arn);
    return snapshot.lastStatus === status ? snapshot : null;
  };
  return isOther ? eventually(status, wanted, STATUS_MS).catch(() => null) : eventually(status, wanted, STATUS_MS);
}

describe(`our client and ${PEER_URL ?? 'local ECS'}`, () => {
  it('finds the cluster active, and says when one is not there', async () => {
    expect(await peer.client.check()).toMatchObject({ status: 'ACTIVE' });
    await expect(peer.clientOf(`${peer.clusterName}-none`).check()).rejects.toMatchObject({ class: 'cluster-missing' });
  });

  it('registers a definition, a revision after the other', async () => {
    const first = await peer.client.registerTaskDefinition(definitionFor('revisions'));
    const second = await peer.client.registerTaskDefinition(definitionFor('revisions'));
    expect(second.revision).toBe(first.revision + 1);
    expect(second.arn).toMatch(new RegExp(`:task-definition/${peer.clusterName}-revisions:${second.revision}$`));
  });

  it('registers what the shipped configuration makes of a build', async () => {
    const file = `${CHECKOUT}/config/config.ecs.yml`;
    const { definition } = composeDefinition({
      config: readEcsConfig([parseYamlSource(file, readFileSync(file, 'utf8'))]),
      kind: 'BuildSteps',
      group: 'contract',
      cluster: { name: 'peer', region: 'us-east-1', cluster: peer.clusterName, launch: { type: 'ec2' } },
      stopBudgetSeconds: 50,
    });
    const family = `${peer.clusterName}-shipped`;
    const input = { ...definition, family } as RegisterTaskDefinitionCommandInput;
    expect(await peer.client.registerTaskDefinition(input)).toMatchObject({ revision: 1 });
  });

  it('launches one container and sees it by its ARN', async () => {
    const ledger = newLedger();
    const arn = await launchedArn(ledger);
    expect(arn).toMatch(/^arn:aws[a-z-]*:ecs:[^:]+:\d{12}:task\//);
    expect(await seen(arn)).toMatchObject({ kind: 'seen', arn, desiredStatus: 'RUNNING' });
    const [described] = await peer.client.describeTasks([arn]);
    expect(described?.startedBy).toBe(ledger.identity.startedBy);
    expect(described?.taskDefinitionArn).toBe(definitionArn);
  });

  it('shows the variables that the launch gave', async (context) => {
    const arn = await launchedArn(newLedger());
    const [described] = await peer.client.describeTasks([arn]);
    const [container] = described?.overrides?.containerOverrides ?? [];
    unless(context, container !== undefined, 'does not show the overrides of a task');
    expect(container?.environment).toContainEqual({ name: 'SIGNAL_BODY', value: '{"pid":0}' });
  });

  it('comes to RUNNING', async (context) => {
    const running = await reaches(await launchedArn(newLedger()), 'RUNNING');
    unless(context, running !== null, `shows no task as RUNNING within ${STATUS_MS / 1000} s`);
    expect(running).toMatchObject({ lastStatus: 'RUNNING', exitCode: null });
  });

  it('answers a repeated launch with the container of the first', async (context) => {
    const ledger = newLedger();
    const arn = await launchedArn(ledger);
    // A node that takes over sends the stored request again.
    const again = await peer.client.runTask(ledger.request.runTask);
    unless(context, again.kind === 'started' && again.arn === arn, 'does not know client tokens');
    expect(again).toEqual({ kind: 'started', arn });
    const other = { ...ledger.request.runTask, startedBy: `${ledger.identity.startedBy}x` };
    const conflict = await peer.client.runTask(other);
    unless(context, conflict.kind === 'conflict', 'takes one client token for two requests');
    expect(conflict).toMatchObject({ kind: 'conflict', arns: [arn] });
  });

  it('finds a container by the name it was started under, running and stopped', async (context) => {
    const ledger = newLedger();
    const arn = await launchedArn(ledger);
    await launchedArn(newLedger());
    expect(await peer.client.findStartedBy(ledger.identity.startedBy)).toBe(arn);
    expect(await peer.client.findStartedBy(`${ledger.identity.startedBy}-none`)).toBeNull();
    await peer.client.stopTask(arn, 'wip: contract');
    const stopped = await reaches(arn, 'STOPPED');
    unless(context, stopped !== null, 'does not come to STOPPED');
    const listed = await peer.client.listTasks({ desiredStatus: 'STOPPED' });
    unless(context, listed.includes(arn), 'does not list stopped tasks');
    expect(await peer.client.findStartedBy(ledger.identity.startedBy)).toBe(arn);
  });

  it('lists what runs with the names it was started under', async () => {
    const ledger = newLedger();
    const arn = await launchedArn(ledger);
    expect(await peer.client.listRunning()).toContainEqual({ arn, startedBy: ledger.identity.startedBy });
  });

  it('stops a container with a reason', async (context) => {
    const arn = await launchedArn(newLedger());
    await peer.client.stopTask(arn, 'wip: contract');
    const stopped = await reaches(arn, 'STOPPED');
    expect(stopped).toMatchObject({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
    unless(context, stopped?.stoppedReason !== null, 'does not show why a task was stopped');
    expect(stopped?.stoppedReason).toBe('wip: contract');
    unless(context, stopped?.stopCode !== null, 'has no stopCode');
    expect(stopped?.stopCode).toBe('UserInitiated');
  });

  it('takes the stop of a container that has stopped for done', async () => {
    const arn = await launchedArn(newLedger());
    await peer.client.stopTask(arn, 'wip: contract');
    await reaches(arn, 'STOPPED');
    await peer.client.stopTask(arn, 'wip: again');
  });

  it('takes the stop of a container that ECS does not know for done', async (context) => {
    const arn = await launchedArn(newLedger());
    const unknown = arn.replace(/[^/]+$/, '0'.repeat(32));
    const refusal = await peer.client.stopTask(unknown, 'wip: contract').then(
      () => null,
      (error: unknown) => String(error),
    );
    unless(context, refusal === null, `says in other words that it does not know a task: ${refusal}`);
    expect(refusal).toBeNull();
  });

  it('hears of a container that never was as MISSING', async (context) => {
    const arn = await launchedArn(newLedger());
    const unknown = arn.replace(/[^/]+$/, '0'.repeat(32));
    const snapshot = await peer.client.describe(unknown, 'fresh');
    unless(context, snapshot.kind === 'missing', `does not answer MISSING for an unknown task (${snapshot.kind})`);
    expect(snapshot.kind).toBe('missing');
  });

  it('is refused a definition that is not there, and does not launch', async (context) => {
    const missing = definitionArn.replace(/:\d+$/, ':999');
    const outcome = await launchWith(newLedger(), missing);
    expect(outcome.kind).not.toBe('launched');
    unless(context, outcome.kind === 'refused', `refuses an unknown definition as "${JSON.stringify(outcome)}"`);
    expect(outcome).toMatchObject({ kind: 'refused', cause: 'definition-missing' });
  });

  it('sees what a machine has left, where tasks are on machines', async (context) => {
    if (peer.launch.type !== 'ec2') context.skip('tasks are launched without container instances here');
    const arn = await launchedArn(newLedger());
    const { containerInstanceArn } = await seen(arn);
    const [instance] = await peer.client.describeContainerInstances([containerInstanceArn ?? '']);
    expect(instance?.containerInstanceArn).toBe(containerInstanceArn);
    const left = instance?.remainingResources?.find(({ name }) => name === 'MEMORY')?.integerValue;
    expect(left).toBeGreaterThan(0);
  });

  it('describes several tasks in one call, each by itself', async () => {
    const launched = await Promise.all(Array.from({ length: 4 }, () => launchedArn(newLedger())));
    const described = await Promise.all(launched.map((arn) => peer.client.describe(arn, 'fresh')));
    expect(described.map((each) => each.kind === 'seen' && each.arn)).toEqual(launched);
  });
});
