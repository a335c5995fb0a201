import {
  DescribeTasksCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import { onTestFinished } from 'vitest';
import type { LocalEcsOptions } from '../../../controlplane/localecs/start-local-ecs.ts';
import { eventually } from '../eventually.ts';
import { openSdk, PATIENT_CONTAINER, startTestEcs, type TestEcs } from './local-ecs.ts';

/**
 * Starts local ECS, with the plain SDK, until the end of the test. Containers stay in PROVISIONING unless told otherwise:
 * placement needs no process.
 */
export async function startSdkEcs(options: Partial<LocalEcsOptions> = {}): Promise<TestEcs & { sdk: ECSClient }> {
  const test = await startTestEcs(PATIENT_CONTAINER, { delays: { PROVISIONING: 60_000 }, ...options });
  const sdk = openSdk(test.ecs);
  onTestFinished(async () => {
    sdk.destroy();
    await test.close();
  });
  return { ...test, sdk };
}

export const STARTS_AT_ONCE = { delays: {} };

export async function register(sdk: ECSClient, definition: Partial<RegisterTaskDefinitionCommandInput>): Promise<void> {
  const containerDefinitions = [{ name: 'build', image: 'none', memory: 64 }];
  await sdk.send(new RegisterTaskDefinitionCommand({ family: 'f', containerDefinitions, ...definition }));
}

export const FARGATE: Partial<RegisterTaskDefinitionCommandInput> = {
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
};
export const SUBNET = { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } } };

export async function run(sdk: ECSClient, request: Partial<RunTaskCommandInput> = {}) {
  return await sdk.send(new RunTaskCommand({ taskDefinition: 'WIP_test', ...request }));
}

export async function describeTask(sdk: ECSClient, arn = ''): Promise<Task> {
  const { tasks = [] } = await sdk.send(new DescribeTasksCommand({ tasks: [arn] }));
  if (!tasks[0]) throw new Error(`no task ${arn}`);
  return tasks[0];
}

export function reaches(sdk: ECSClient, arn: string | undefined, status: string): Promise<Task> {
  return eventually(`${arn} ${status}`, async () => {
    const task = await describeTask(sdk, arn);
    return task.lastStatus === status ? task : null;
  });
}
