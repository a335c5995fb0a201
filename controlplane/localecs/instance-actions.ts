import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import { arnOf, epoch, findLocalCluster, type ActionContext } from './action-context.ts';
import { findInstance, freeResources, instancesOf, tasksOn, type ContainerInstance } from './container-instances.ts';
import { parseInput } from './parse-input.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';

const List = z.looseObject({
  cluster: z.string().optional(),
  status: z.enum(['ACTIVE', 'DRAINING', 'REGISTERING', 'DEREGISTERING', 'REGISTRATION_FAILED']).default('ACTIVE'),
  filter: z.string().optional(),
  ...PAGE_FIELDS,
});
const Describe = z.looseObject({
  cluster: z.string().optional(),
  containerInstances: z.array(z.string()).max(100),
});

export function listContainerInstancesAction(context: ActionContext, input: unknown): object {
  const request = parseInput(List, input);
  if (request.filter !== undefined) {
    throw new AwsError('InvalidParameterException', 'Local ECS does not know the cluster query language.');
  }
  const cluster = findLocalCluster(context, request.cluster);
  // Every instance here is ACTIVE until it is lost.
  const found = request.status === 'ACTIVE' ? instancesOf(context, cluster) : [];
  const { items, rest } = pageOf(found, request, {
    action: 'ListContainerInstances',
    filter: [cluster.name, request.status],
    keyOf: (instance) => instance.arn,
  });
  return { containerInstanceArns: items.map((instance) => instance.arn), ...rest };
}

export function describeContainerInstancesAction(context: ActionContext, input: unknown): object {
  const { cluster: reference, containerInstances } = parseInput(Describe, input);
  const cluster = findLocalCluster(context, reference);
  if (containerInstances.length === 0) {
    throw new AwsError('InvalidParameterException', 'Container instances cannot be empty.');
  }
  const missing = (wanted: string): object => ({
    arn: arnOf(context, wanted, `container-instance/${cluster.name}`),
    reason: 'MISSING',
  });
  const found = containerInstances.map((wanted) => ({ wanted, instance: findInstance(context, cluster, wanted) }));
  return {
    containerInstances: found.flatMap(({ instance }) => (instance ? [instanceView(context, instance)] : [])),
    failures: found.flatMap(({ wanted, instance }) => (instance ? [] : [missing(wanted)])),
  };
}

function instanceView(context: ActionContext, instance: ContainerInstance): object {
  const free = freeResources(context, instance);
  const tasks = tasksOn(context, instance.arn);
  const running = tasks.filter((task) => task.lastStatus === 'RUNNING').length;
  return {
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2InstanceId,
    version: 1,
    versionInfo: {},
    status: 'ACTIVE',
    agentConnected: true,
    registeredResources: resources(context.resources, []),
    remainingResources: resources(free, [...free.takenPorts]),
    runningTasksCount: running,
    pendingTasksCount: tasks.length - running,
    attributes: [],
    attachments: [],
    tags: [],
    registeredAt: epoch(new Date(0).toISOString()),
  };
}

function resources({ cpu, memory }: { cpu: number; memory: number }, ports: readonly number[]): object[] {
  const number = (name: string, integerValue: number): object => ({
    name,
    type: 'INTEGER',
    doubleValue: 0,
    longValue: 0,
    integerValue,
  });
  return [
    number('CPU', cpu),
    number('MEMORY', memory),
    {
      name: 'PORTS',
      type: 'STRINGSET',
      doubleValue: 0,
      longValue: 0,
      integerValue: 0,
      stringSetValue: ports.map(String),
    },
  ];
}
