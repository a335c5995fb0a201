import type { EcsAccess } from '../kit/ecs/local-ecs.ts';
import { signedFetch } from '../kit/network/signed-fetch.ts';
import { askAgain } from './ask-again.ts';
import { ECS_CLUSTERS, REGIONS } from './cluster-rows.ts';
import type { FaultSystem } from './fault-system.ts';

export interface EcsTask {
  readonly startedBy: string;
  readonly lastStatus: string;
  readonly taskArn: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** Seconds since 1970. */
  readonly stoppingAt?: number;
}

/**
 * Calls local ECS, again and again while the connection is cut: a request that changes something carries a client
 * token.
 */
export async function callEcs(ecs: EcsAccess, action: string, body: object): Promise<Record<string, unknown>> {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
  };
  const call = { method: 'POST', headers, body: JSON.stringify(body) };
  const { text } = await askAgain(ecs.endpoint, call, { send: (url, options) => signedFetch(ecs, url, options) });
  return JSON.parse(text) as Record<string, unknown>;
}

/** Returns the ECS tasks that local ECS shows in all of its clusters, whoever started them. */
export async function listEcsTasks(system: FaultSystem): Promise<EcsTask[]> {
  const all = REGIONS.flatMap((region) => ECS_CLUSTERS.map((cluster) => listTasksOf(system.regions[region], cluster)));
  return (await Promise.all(all)).flat();
}

async function listTasksOf(ecs: EcsAccess, cluster: string): Promise<EcsTask[]> {
  const call = (action: string, body: object): Promise<Record<string, unknown>> => callEcs(ecs, action, body);
  const arns: string[] = [];
  for (const desiredStatus of ['RUNNING', 'STOPPED']) {
    for (let nextToken: unknown = undefined; ;) {
      const page = await call('ListTasks', { cluster, desiredStatus, ...(nextToken ? { nextToken } : {}) });
      arns.push(...((page['taskArns'] as string[] | undefined) ?? []));
      nextToken = page['nextToken'];
      if (!nextToken) break;
    }
  }
  const tasks: EcsTask[] = [];
  for (let at = 0; at < arns.length; at += 100) {
    const described = await call('DescribeTasks', { cluster, tasks: arns.slice(at, at + 100) });
    tasks.push(...(described['tasks'] as EcsTask[]));
  }
  return tasks;
}

/**
 * Returns the containers of this installation that still run; empty once every task has ended and the reaper has run.
 */
export async function findRunningContainers(system: FaultSystem): Promise<string[]> {
  const tasks = await listEcsTasks(system);
  return tasks
    .filter(({ startedBy, lastStatus }) => startedBy.startsWith(startedByPrefix(system)) && lastStatus !== 'STOPPED')
    .map(({ startedBy, lastStatus }) => `${startedBy} ${lastStatus}`);
}

/** Returns the beginning of `startedBy` of every container of this installation. */
export const startedByPrefix = ({ installationId }: FaultSystem): string => `wip/${installationId}/`;
/** `startedBy` of another installation on the same cluster. */
export const FOREIGN_STARTER = 'somebody else';
