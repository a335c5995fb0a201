import type { FaultSystem } from './fault-system.ts';

export interface EcsTask {
  readonly startedBy: string;
  readonly lastStatus: string;
  readonly taskArn: string;
  readonly stopCode?: string;
}

/** The ECS tasks that local ECS shows, by whoever started them. */
export async function listEcsTasks(system: FaultSystem): Promise<EcsTask[]> {
  const call = async (action: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(system.ecs.endpoint, {
      method: 'POST',
      headers: {
        'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action}`,
        'content-type': 'application/x-amz-json-1.1',
      },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
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
