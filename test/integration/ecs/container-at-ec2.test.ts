import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placementOf, type EcsCluster } from '../../../controlplane/ecs/config/cluster.ts';
import { findAddress } from '../../../controlplane/engine/container/attempt-container.ts';
import { launchedArn, newLedger } from '../../kit/ecs/container-launches.ts';
import { eventually } from '../../kit/eventually.ts';
import {
  openTestClient,
  PATIENT_CONTAINER,
  startTestEcs,
  testIdentity,
  testLauncher,
  type TestEcs,
} from '../../kit/ecs/local-ecs.ts';
import { MemoryLedger } from '../../kit/memory/memory-ledger.ts';

let test: TestEcs;
beforeAll(async () => {
  test = await startTestEcs();
});
afterAll(() => test.close());

/** Launches a container of a cluster on Fargate that is reached at public addresses, and waits until it runs. */
async function launchOnFargate(at: TestEcs, assignPublicIp: boolean) {
  const launch = { type: 'fargate' as const, subnets: ['subnet-1'], assignPublicIp };
  const asked: string[] = [];
  const fargate = openTestClient(at.ecs, undefined, { launch, connection: { address: 'public' } }, ({ action }) =>
    asked.push(action),
  );
  const definition = {
    family: 'WIP_public',
    networkMode: 'awsvpc' as const,
    requiresCompatibilities: ['FARGATE' as const],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'build', image: 'none', stopTimeout: 2 }],
  };
  const pinned = { ...(await fargate.registerTaskDefinition(definition)), containerName: 'build' };
  const container = at.container(newLedger(), {
    ecs: fargate,
    pinDefinition: () => Promise.resolve(pinned),
    placement: placementOf(launch),
  });
  const arn = await launchedArn(container);
  await eventually('its start', async () => {
    const seen = await fargate.describe(arn, 'fresh');
    return seen.kind === 'seen' && seen.lastStatus === 'RUNNING';
  });
  return {
    asked,
    find: () => findAddress(fargate, arn),
    async close() {
      await container.kill('the test is over');
      fargate.close();
    },
  };
}

describe('the address of a container on ECS', () => {
  it('asks EC2 where the machine is when the container is bound to all its addresses, and once only', async () => {
    const bridge = await startTestEcs(undefined, { bindAddress: '0.0.0.0' });
    try {
      const container = bridge.container(new MemoryLedger(testIdentity(1)));
      await launchedArn(container);
      expect(await eventually('an address', () => container.address())).toEqual({ host: '127.0.0.1', port: 40_022 });
      bridge.ecs.faults.add([{ kind: 'access-denied', action: 'DescribeInstances', times: null }]);
      const next = bridge.container(new MemoryLedger(testIdentity(2)));
      await launchedArn(next);
      expect(await eventually('an address', () => next.address())).toMatchObject({ host: '127.0.0.1' });
    } finally {
      await bridge.close();
    }
  });

  it('is reached where EC2 says that its machine is, at the port that the machine forwards', async () => {
    const bridge = await startTestEcs(undefined, { bindAddress: '0.0.0.0', machineAddress: '127.0.0.77' });
    try {
      const container = bridge.container(new MemoryLedger(testIdentity(1)));
      await launchedArn(container);
      expect(await eventually('an address', () => container.address())).toEqual({ host: '127.0.0.77', port: 40_022 });
    } finally {
      await bridge.close();
    }
  });

  it('has no address while EC2 may not be asked, and is looked at all the same', async () => {
    const bridge = await startTestEcs(undefined, { bindAddress: '0.0.0.0' });
    try {
      bridge.ecs.faults.add([{ kind: 'access-denied', action: 'DescribeInstances', times: null }]);
      const container = bridge.container(new MemoryLedger(testIdentity(1)));
      await launchedArn(container);
      await eventually('its start', () => container.hasStarted());
      expect(await container.address()).toBeNull();
    } finally {
      await bridge.close();
    }
  });

  it('is reached at its public address where the cluster says so, which only EC2 knows', async () => {
    const asked: string[] = [];
    const openPublic = (launch: EcsCluster['launch']) =>
      openTestClient(test.ecs, undefined, { launch, connection: { address: 'public' } }, ({ action }) =>
        asked.push(action),
      );
    const machines = openPublic({ type: 'ec2' });
    const onMachine = test.container(newLedger(), { ecs: machines });
    const arn = await launchedArn(onMachine);
    expect(await eventually('an address', () => findAddress(machines, arn))).toMatchObject({ host: '127.0.0.1' });
    expect(asked).toContain('DescribeInstances');
    expect(asked).not.toContain('DescribeNetworkInterfaces');
    await onMachine.kill('the test is over');
    machines.close();
  });

  it.each([
    [true, { host: '127.0.0.1', port: 40_022 }],
    [false, null],
  ])('has a public address on Fargate if it is given one: %s', async (assignPublicIp, address) => {
    const { find, asked, close } = await launchOnFargate(test, assignPublicIp);
    // The container says its port some time after it runs; until then it is taken for that of SSH.
    const findWithPort = async () => {
      const found = await find();
      return found?.port === 22 ? null : found;
    };
    expect(assignPublicIp ? await eventually('an address', findWithPort) : await find()).toEqual(address);
    expect(asked).toContain('DescribeNetworkInterfaces');
    await close();
  });

  it('with an interface of its own is reached at the address that EC2 says of that interface', async () => {
    const launcher = testLauncher(PATIENT_CONTAINER);
    const own = await startTestEcs(undefined, {
      launcher: {
        ...launcher,
        start: async (order) => ({
          ...(await launcher.start(order)),
          ports: () => [],
          address: () => '127.0.0.78',
        }),
      },
    });
    try {
      const { find, close } = await launchOnFargate(own, true);
      expect(await eventually('an address', find)).toEqual({ host: '127.0.0.78', port: 22 });
      await close();
    } finally {
      await own.close();
    }
  });
});
