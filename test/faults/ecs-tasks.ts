import type { EcsAccess } from '../kit/local-ecs.ts';
import { signedFetch } from '../kit/signed-fetch.ts';
import type { FaultSystem } from './fault-system.ts';

export interface EcsTask {
  readonly startedBy: string;
  readonly lastStatus: string;
  readonly taskArn: string;
  readonly stopCode?: string;
}

/** One call of the API, as it is on the wire: what a schedule does is none of the calls of this project's client. */
export function callEcs(ecs: EcsAccess, action: string, body: object): Promise<Response> {
  return signedFetch(ecs, ecs.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
    },
    body: JSON.stringify(body),
  });
}

/** The ECS tasks that local ECS shows, by whoever started them. */
export async function listEcsTasks(system: FaultSystem): Promise<EcsTask[]> {
  const call = async (action: string, body: object): Promise<Record<string, unknown>> =>
    (await (await callEcs(system.ecs, action, body)).json()) as Record<string, unknown>;
  const arns: string[] = [];
  for (const desiredStatus of ['RUNNING', 'STOPPED']) {
    for (let nextToken: unknown = undefined; ;) {
      const page = await call('ListTasks', { desiredStatus, ...(nextToken ? { nextToken } : {}) });
      arns.push(...((page['taskArns'] as string[] | undefined) ?? []));
      nextToken = page['nextToken'];
      if (!nextToken) break;
    }
  }
  const tasks: EcsTask[] = [];
  for (let at = 0; at < arns.length; at += 100) {
    const described = await call('DescribeTasks', { tasks: arns.slice(at, at + 100) });
    tasks.push(...(described['tasks'] as EcsTask[]));
  }
  return tasks;
}

/** What of this installation still runs; empty once every task has ended and the reaper has been. */
export async function findRunningContainers(system: FaultSystem): Promise<string[]> {
  const tasks = await listEcsTasks(system);
  return tasks
    .filter(({ startedBy, lastStatus }) => startedBy.startsWith(startedByPrefix(system)) && lastStatus !== 'STOPPED')
    .map(({ startedBy, lastStatus }) => `${startedBy} ${lastStatus}`);
}

/** What `startedBy` of every container of this installation begins with. */
export const startedByPrefix = ({ installationId }: FaultSystem): string => `wip/${installationId}/`;
/** Another installation's, on the same cluster. */
export const FOREIGN_STARTER = 'somebody else';
