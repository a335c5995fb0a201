import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { arnOf, epoch, findLocalCluster, type ActionContext } from './action-context.ts';
import { parseClusterQuery } from '../placement/cluster-query.ts';
import {
  findInstance,
  freeResources,
  instancesOf,
  keptInstance,
  tasksOn,
  type ContainerInstance,
} from '../placement/container-instances.ts';
import { instanceAttributes, queriedInstance, REGISTERED_AT } from '../placement/instance-attributes.ts';
import { parseInput } from '../input/parse-input.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';

/** "ContainerInstanceStatus" of the API reference. */
const Status = z.enum(['ACTIVE', 'DRAINING', 'REGISTERING', 'DEREGISTERING', 'REGISTRATION_FAILED']);
const List = z.looseObject({
  cluster: z.string().optional(),
  status: Status.optional(),
  filter: z.string().optional(),
  ...PAGE_FIELDS,
});
const Describe = z.looseObject({
  cluster: z.string().optional(),
  containerInstances: z.array(z.string()).max(100),
  include: z.array(z.enum(['TAGS', 'CONTAINER_INSTANCE_HEALTH'])).default([]),
});
const UpdateAgent = z.looseObject({ cluster: z.string().optional(), containerInstance: z.string() });
const Update = z.looseObject({
  cluster: z.string().optional(),
  containerInstances: z.array(z.string()).max(10),
  status: Status,
});

export function listContainerInstancesAction(context: ActionContext, input: unknown): object {
  const request = parseInput(List, input);
  const query = request.filter === undefined ? null : parseClusterQuery(request.filter);
  const cluster = findLocalCluster(context, request.cluster);
  // Without a status those of every status but INACTIVE, in which there is none here.
  const { status: wanted } = request;
  const found = instancesOf(context, cluster).filter(
    (instance) =>
      (wanted === undefined || instance.status === wanted) && (!query || query(queriedInstance(context, instance))),
  );
  const { items, rest } = pageOf(found, request, {
    action: 'ListContainerInstances',
    filter: [cluster.name, request.status, request.filter],
    keyOf: (instance) => instance.arn,
  });
  return { containerInstanceArns: items.map((instance) => instance.arn), ...rest };
}

export function describeContainerInstancesAction(context: ActionContext, input: unknown): object {
  const request = parseInput(Describe, input);
  return instancesAnswer(context, request, request.include.includes('TAGS') ? 'with tags' : 'without tags');
}

/** A drained instance keeps its tasks, and gets no new ones. Only tasks of services, which there are none of, move away. */
export async function updateContainerInstancesStateAction(context: ActionContext, input: unknown): Promise<object> {
  const request = parseInput(Update, input);
  const { status } = request;
  if (status !== 'ACTIVE' && status !== 'DRAINING') {
    throw new AwsError('InvalidParameterException', 'The container instance status must be ACTIVE or DRAINING.');
  }
  const cluster = findLocalCluster(context, request.cluster);
  const found = request.containerInstances.map((wanted) => findInstance(context, cluster, wanted));
  for (const instance of found) if (instance) keptInstance(cluster, instance).status = status;
  await context.save();
  return instancesAnswer(context, request, 'without tags');
}

/** The machines here have no ECS agent of a version, so there is never a newer one. */
export function updateContainerAgentAction(context: ActionContext, input: unknown): object {
  const request = parseInput(UpdateAgent, input);
  const instance = findInstance(context, findLocalCluster(context, request.cluster), request.containerInstance);
  if (!instance) throw new AwsError('InvalidParameterException', 'The referenced container instance was not found.');
  throw new AwsError('NoUpdateAvailableException', "There's no update available for the container agent.");
}

function instancesAnswer(
  context: ActionContext,
  request: { readonly cluster?: string | undefined; readonly containerInstances: readonly string[] },
  tags: 'with tags' | 'without tags',
): object {
  const cluster = findLocalCluster(context, request.cluster);
  if (request.containerInstances.length === 0) {
    throw new AwsError('InvalidParameterException', 'Container instances cannot be empty.');
  }
  const missing = (wanted: string): object => ({
    arn: arnOf(context, wanted, `container-instance/${cluster.name}`),
    reason: 'MISSING',
  });
  const found = request.containerInstances.map((wanted) => ({
    wanted,
    instance: findInstance(context, cluster, wanted),
  }));
  return {
    containerInstances: found.flatMap(({ instance }) => (instance ? [instanceView(context, instance, tags)] : [])),
    failures: found.flatMap(({ wanted, instance }) => (instance ? [] : [missing(wanted)])),
  };
}

const STARTING: readonly string[] = ['PROVISIONING', 'PENDING', 'ACTIVATING'];

function instanceView(context: ActionContext, instance: ContainerInstance, tags: 'with tags' | 'without tags'): object {
  const free = freeResources(context, instance);
  const tasks = tasksOn(context, instance.arn);
  return {
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2InstanceId,
    version: 1,
    versionInfo: {},
    status: instance.status,
    agentConnected: instance.isAgentConnected,
    registeredResources: resources(context.resources, []),
    remainingResources: resources(free, [...free.takenPorts]),
    runningTasksCount: tasks.filter((task) => task.lastStatus === 'RUNNING').length,
    pendingTasksCount: tasks.filter((task) => STARTING.includes(task.lastStatus)).length,
    attributes: instanceAttributes(context, instance),
    attachments: [],
    tags: tags === 'with tags' ? instance.tags : [],
    registeredAt: epoch(REGISTERED_AT),
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
