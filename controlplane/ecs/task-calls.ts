import {
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type ECSClient,
  type ListTasksCommandInput,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import type { RunTaskRequest } from '../containers/launch-ledger.ts';
import type { RunTaskAnswer } from './ecs-task-api.ts';
import type { EcsCalls } from './ecs-calls.ts';
import { EcsCallError } from './ecs-error.ts';
import { DESCRIBE_TASKS_ARNS } from './quotas.ts';

/** Calls about the tasks of one cluster. */
export interface TaskCalls {
  run(request: RunTaskRequest): Promise<RunTaskAnswer>;
  /** Stops a task. Succeeds for one that has stopped, or that ECS does not know (any more). */
  stop(arn: string, reason: string): Promise<void>;
  /** Describes at most DESCRIBE_TASKS_ARNS tasks. ECS does not know the ones in `missing`. */
  describe(arns: readonly string[]): Promise<{ readonly tasks: Task[]; readonly missing: readonly string[] }>;
  /** Lists every task that is meant to run. Throws rather than return a part of them. */
  listRunning(): Promise<{ readonly arn: string; readonly startedBy: string }[]>;
  list(filter: { readonly desiredStatus?: 'RUNNING' | 'STOPPED'; readonly startedBy?: string }): Promise<string[]>;
  findStartedBy(startedBy: string): Promise<string | null>;
}

/** ECS cuts off longer reasons (API reference, StopTask: the reason may be 255 characters). */
const STOP_REASON_CHARACTERS = 255;
// 200 pages of 100: four times the 5,000 container instances that a cluster may have ("Amazon ECS service quotas").
const MAX_PAGES = 200;

export function createTaskCalls(sdk: ECSClient, calls: EcsCalls, cluster: string): TaskCalls {
  async function describe(arns: readonly string[]): Promise<{ tasks: Task[]; missing: string[] }> {
    // Tags are not requested: nothing reads them, and a thousand tasks have many.
    const command = new DescribeTasksCommand({ cluster, tasks: [...arns] });
    const answer = await calls.call('DescribeTasks', () => sdk.send(command));
    const missing = (answer.failures ?? []).filter(({ reason }) => reason === 'MISSING').map(({ arn }) => arn ?? '');
    return { tasks: answer.tasks ?? [], missing };
  }

  /**
   * Describes all tasks, as many per call as ECS takes. Throws when one is left out: it could be the one that is
   * searched for.
   */
  async function describeAll(arns: readonly string[]): Promise<Task[]> {
    const all: Task[] = [];
    for (let from = 0; from < arns.length; from += DESCRIBE_TASKS_ARNS) {
      const asked = arns.slice(from, from + DESCRIBE_TASKS_ARNS);
      const { tasks } = await describe(asked);
      if (tasks.length < asked.length) {
        const message = `ECS described ${tasks.length} of the ${asked.length} tasks that it had listed`;
        throw new EcsCallError('DescribeTasks', 'unavailable', new Error(message));
      }
      all.push(...tasks);
    }
    return all;
  }

  async function listRunning(): Promise<{ arn: string; startedBy: string }[]> {
    const tasks = await describeAll(await list({ desiredStatus: 'RUNNING' }));
    return tasks.map(({ taskArn, startedBy }) => ({ arn: taskArn ?? '', startedBy: startedBy ?? '' }));
  }

  async function list(filter: Partial<ListTasksCommandInput>): Promise<string[]> {
    const arns: string[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const command = new ListTasksCommand({ cluster, ...filter, ...(nextToken ? { nextToken } : {}) });
      const answer = await calls.call('ListTasks', () => sdk.send(command));
      arns.push(...(answer.taskArns ?? []));
      nextToken = answer.nextToken;
      if (!nextToken) return arns;
    }
    // An incomplete list would make a container that is not on it look as if it had never been started.
    throw new EcsCallError('ListTasks', 'unavailable', new Error(`the cluster has more than ${arns.length} tasks`));
  }

  /**
   * ECS takes `startedBy` as the only filter, and lists only tasks meant to run with it. Stopped tasks are described
   * and compared instead.
   */
  async function findStartedBy(startedBy: string): Promise<string | null> {
    const [running] = await list({ startedBy });
    if (running) return running;
    const stopped = await describeAll(await list({ desiredStatus: 'STOPPED' }));
    return stopped.find((task) => task.startedBy === startedBy)?.taskArn ?? null;
  }

  async function stop(arn: string, reason: string): Promise<void> {
    const command = new StopTaskCommand({ cluster, task: arn, reason: reason.slice(0, STOP_REASON_CHARACTERS) });
    try {
      await calls.call('StopTask', () => sdk.send(command));
    } catch (error) {
      // ECS has no error code for this: it answers InvalidParameterException "The referenced task was not found."
      const isInvalid = error instanceof EcsCallError && error.class === 'invalid';
      if (!isInvalid || !/task was not found/i.test(error.awsMessage)) throw error;
    }
  }

  return { run: (request) => run(sdk, calls, request), stop, describe, listRunning, list, findStartedBy };
}

async function run(sdk: ECSClient, calls: EcsCalls, request: RunTaskRequest): Promise<RunTaskAnswer> {
  // The ledger stored the SDK's own input as plain JSON, which is sent unchanged.
  const command = new RunTaskCommand(request as unknown as RunTaskCommandInput);
  try {
    const answer = await calls.call('RunTask', () => sdk.send(command));
    const arn = answer.tasks?.[0]?.taskArn;
    if (arn) return { kind: 'started', arn };
    const failure = answer.failures?.[0];
    return { kind: 'failed', reason: failure?.reason ?? 'UNKNOWN', detail: failure?.detail ?? '' };
  } catch (error) {
    if (!(error instanceof EcsCallError)) throw error;
    if (error.class === 'conflict') return { kind: 'conflict', arns: error.resourceIds, sentence: error.awsMessage };
    return { kind: 'error', error: error.class, name: error.awsName, sentence: error.awsMessage };
  }
}
