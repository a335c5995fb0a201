import os from 'node:os';
import type { ActionContext } from '../operations/action-context.ts';
import type { QueriedInstance } from './cluster-query.ts';
import { tasksOn, type ContainerInstance } from './container-instances.ts';

export interface InstanceAttribute {
  readonly name: string;
  readonly value?: string | undefined;
}

/** The time at which every machine here was registered. */
export const REGISTERED_AT = new Date(0).toISOString();

/**
 * Returns the attributes of a container instance: those of every one in ECS ("Built-in attributes"), and over them those that
 * callers gave it. Machines here have no instance type until it is given one.
 */
export function instanceAttributes(
  { region }: Pick<ActionContext, 'region'>,
  { attributes }: Pick<ContainerInstance, 'attributes'>,
): readonly InstanceAttribute[] {
  const own = new Set(attributes.map(({ name }) => name));
  return [
    ...Object.entries(builtIn(region)).flatMap(([name, value]) => (own.has(name) ? [] : [{ name, value }])),
    ...attributes,
  ];
}

function builtIn(region: string): Readonly<Record<string, string>> {
  return {
    'ecs.availability-zone': `${region}a`,
    'ecs.os-type': 'linux',
    'ecs.os-family': 'LINUX',
    'ecs.cpu-architecture': os.arch() === 'arm64' ? 'arm64' : 'x86_64',
  };
}

/** Returns what an expression of the cluster query language can ask of a container instance. */
export function queriedInstance(
  context: Pick<ActionContext, 'region' | 'state'>,
  instance: ContainerInstance,
): QueriedInstance {
  const tasks = tasksOn(context, instance.arn);
  return {
    agentConnected: instance.isAgentConnected,
    ec2InstanceId: instance.ec2InstanceId,
    registeredAt: REGISTERED_AT,
    runningTasksCount: tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
    attributes: new Map(instanceAttributes(context, instance).map(({ name, value = '' }) => [name, value])),
    taskGroups: new Set(tasks.map(groupOf)),
  };
}

/** A task that was run without a group is in that of its family. */
export function groupOf({ group, family }: { readonly group: string | null; readonly family: string }): string {
  return group ?? `family:${family}`;
}
