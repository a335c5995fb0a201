import {
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type ECSClient,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import type { RunTaskRequest } from '../../containers/launch-ledger.ts';
import type { RunTaskAnswer } from './ecs-task-api.ts';
import type { EcsCalls } from './ecs-calls.ts';
import { EcsCallError } from './ecs-error.ts';
import { DESCRIBE_TASKS_ARNS } from './quotas.ts';

/** ECS cuts off longer reasons (API reference, StopTask: the reason may be 255 characters). */
const STOP_REASON_CHARACTERS = 255;
// 200 pages of 100: four times the 5,000 container instances that a cluster may have ("Amazon ECS service quotas").
const MAX_PAGES = 200;

/** Calls about the tasks of one cluster. */
export class TaskCalls {
  readonly #sdk: ECSClient;
  readonly #calls: EcsCalls;
  readonly #cluster: string;

  constructor(sdk: ECSClient, calls: EcsCalls, cluster: string) {
    this.#sdk = sdk;
    this.#calls = calls;
    this.#cluster = cluster;
  }

  async run(request: RunTaskRequest): Promise<RunTaskAnswer> {
    // The ledger stored the SDK's own input as plain JSON, which is sent unchanged.
    const command = new RunTaskCommand(request as unknown as RunTaskCommandInput);
    try {
      const answer = await this.#calls.call('RunTask', () => this.#sdk.send(command));
      const arn = answer.tasks?.[0]?.taskArn;
      if (arn) return { kind: 'started', arn };
      const failures = answer.failures ?? [];
      if (failures.length > 0) {
        return {
          kind: 'failed',
          failures: failures.map(({ reason = 'UNKNOWN', detail = '' }) => ({ reason, detail })),
        };
      }
      // Neither a task nor a failure proves nothing: ECS always answers with one of them.
      const sentence = 'the answer of RunTask holds neither a task nor a failure';
      return { kind: 'error', error: 'unavailable', name: '', sentence };
    } catch (error) {
      if (!(error instanceof EcsCallError)) throw error;
      if (error.class === 'conflict') return { kind: 'conflict', arns: error.resourceIds, sentence: error.awsMessage };
      const { class: kind, awsName: name, awsMessage: sentence, quotas } = error;
      return { kind: 'error', error: kind, name, sentence, quotas };
    }
  }

  /** Stops a task. Succeeds for one that has stopped, or that ECS does not know (any more). */
  async stop(arn: string, reason: string): Promise<void> {
    const command = new StopTaskCommand({
      cluster: this.#cluster,
      task: arn,
      reason: reason.slice(0, STOP_REASON_CHARACTERS),
    });
    try {
      await this.#calls.call('StopTask', () => this.#sdk.send(command));
    } catch (error) {
      // ECS has no error code for this: it answers InvalidParameterException "The referenced task was not found."
      const isInvalid = error instanceof EcsCallError && error.class === 'invalid';
      if (!isInvalid || !/task was not found/i.test(error.awsMessage)) throw error;
    }
  }

  /** Describes at most DESCRIBE_TASKS_ARNS tasks. ECS does not know the ones in `missing`. */
  async describe(arns: readonly string[]): Promise<{ readonly tasks: Task[]; readonly missing: readonly string[] }> {
    // Tags are not requested: nothing reads them, and a thousand tasks have many.
    const command = new DescribeTasksCommand({ cluster: this.#cluster, tasks: [...arns] });
    const answer = await this.#calls.call('DescribeTasks', () => this.#sdk.send(command));
    const missing = (answer.failures ?? []).filter(({ reason }) => reason === 'MISSING').map(({ arn }) => arn ?? '');
    return { tasks: answer.tasks ?? [], missing };
  }

  /** Lists every task that is meant to run. Throws rather than return a part of them. */
  async listRunning(): Promise<{ readonly arn: string; readonly startedBy: string }[]> {
    const tasks = await this.#describeAll(await this.list({ desiredStatus: 'RUNNING' }));
    return tasks.map(({ taskArn, startedBy }) => ({ arn: taskArn ?? '', startedBy: startedBy ?? '' }));
  }

  async list(filter: {
    readonly desiredStatus?: 'RUNNING' | 'STOPPED';
    readonly startedBy?: string;
  }): Promise<string[]> {
    const arns: string[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const command = new ListTasksCommand({ cluster: this.#cluster, ...filter, ...(nextToken ? { nextToken } : {}) });
      const answer = await this.#calls.call('ListTasks', () => this.#sdk.send(command));
      arns.push(...(answer.taskArns ?? []));
      nextToken = answer.nextToken;
      if (!nextToken) return arns;
    }
    // An incomplete list would make a container that is not on it look as if it had never been started.
    throw new EcsCallError('ListTasks', 'unavailable', new Error(`the cluster has more than ${arns.length} tasks`));
  }

  /**
   * Returns the ARN of the task that was started under this name; null when there is none. ECS takes `startedBy` as the
   * only filter, and lists only tasks meant to run with it. Stopped tasks are described and compared instead.
   */
  async findStartedBy(startedBy: string): Promise<string | null> {
    const [running] = await this.list({ startedBy });
    if (running) return running;
    const stopped = await this.#describeAll(await this.list({ desiredStatus: 'STOPPED' }));
    return stopped.find((task) => task.startedBy === startedBy)?.taskArn ?? null;
  }

  /**
   * Describes all tasks, as many per call as ECS takes. Throws when one is left out: it could be the one that is
   * searched for.
   */
  async #describeAll(arns: readonly string[]): Promise<Task[]> {
    const all: Task[] = [];
    for (let from = 0; from < arns.length; from += DESCRIBE_TASKS_ARNS) {
      const requested = arns.slice(from, from + DESCRIBE_TASKS_ARNS);
      const { tasks } = await this.describe(requested);
      if (tasks.length < requested.length) {
        const message = `ECS described ${tasks.length} of the ${requested.length} tasks that it had listed`;
        throw new EcsCallError('DescribeTasks', 'unavailable', new Error(message));
      }
      all.push(...tasks);
    }
    return all;
  }
}
