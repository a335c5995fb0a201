import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type ECSClient,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import type { EcsCalls } from '../client/ecs-calls.ts';
import { EcsCallError } from '../client/ecs-error.ts';

export async function registerDefinition(
  sdk: ECSClient,
  calls: EcsCalls,
  definition: RegisterTaskDefinitionCommandInput,
): Promise<{ arn: string; revision: number }> {
  const command = new RegisterTaskDefinitionCommand(definition);
  const answer = await calls.call('RegisterTaskDefinition', () => sdk.send(command));
  const { taskDefinitionArn: arn, revision } = answer.taskDefinition ?? {};
  if (!arn || revision === undefined) {
    throw new EcsCallError('RegisterTaskDefinition', 'unavailable', new Error('the answer holds no revision'));
  }
  return { arn, revision };
}

/** Succeeds for a revision that ECS does not know any more. */
export async function deregisterDefinition(sdk: ECSClient, calls: EcsCalls, arn: string): Promise<void> {
  const command = new DeregisterTaskDefinitionCommand({ taskDefinition: arn });
  try {
    await calls.call('DeregisterTaskDefinition', () => sdk.send(command));
  } catch (error) {
    const isUnknown =
      error instanceof EcsCallError && /unable to describe task definition|not found/i.test(error.awsMessage);
    if (!isUnknown) throw error;
  }
}

/** Returns the revisions that are gone: deleted now, or unknown to ECS. */
export async function deleteDefinitions(
  sdk: ECSClient,
  calls: EcsCalls,
  arns: readonly string[],
): Promise<{ readonly deleted: readonly string[] }> {
  const command = new DeleteTaskDefinitionsCommand({ taskDefinitions: [...arns] });
  const answer = await calls.call('DeleteTaskDefinitions', () => sdk.send(command));
  const gone = (answer.taskDefinitions ?? []).flatMap(({ taskDefinitionArn }) => taskDefinitionArn ?? []);
  const unknown = (answer.failures ?? []).flatMap(({ arn, reason }) => (reason === 'MISSING' && arn ? arn : []));
  return { deleted: [...gone, ...unknown] };
}
