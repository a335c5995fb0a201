import * as account from '../operations/account-actions.ts';
import type { ActionContext } from '../operations/action-context.ts';
import * as attributes from '../operations/attribute-actions.ts';
import { AwsError } from './aws-error.ts';
import * as providers from '../operations/capacity-provider-actions.ts';
import * as clusters from '../operations/cluster-actions.ts';
import * as definitions from '../operations/definition-actions.ts';
import * as instances from '../operations/instance-actions.ts';
import { whyNotHere } from '../operations/other-operations.ts';
import { parseCallBody, withoutNulls } from './parse-call-body.ts';
import { runTaskAction } from '../operations/run-task-action.ts';
import * as services from '../operations/service-actions.ts';
import { startTaskAction } from '../operations/start-task-action.ts';
import * as tags from '../operations/tag-actions.ts';
import * as tasks from '../operations/task-actions.ts';

type Action = (context: ActionContext, input: unknown) => object | Promise<object>;

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['CreateCluster', clusters.createClusterAction],
  ['DeleteCluster', clusters.deleteClusterAction],
  ['DescribeClusters', clusters.describeClustersAction],
  ['ListClusters', clusters.listClustersAction],
  ['UpdateCluster', clusters.updateClusterAction],
  ['UpdateClusterSettings', clusters.updateClusterSettingsAction],
  ['PutClusterCapacityProviders', clusters.putClusterCapacityProvidersAction],
  ['DescribeContainerInstances', instances.describeContainerInstancesAction],
  ['ListContainerInstances', instances.listContainerInstancesAction],
  ['UpdateContainerInstancesState', instances.updateContainerInstancesStateAction],
  ['DescribeCapacityProviders', providers.describeCapacityProvidersAction],
  ['PutAttributes', attributes.putAttributesAction],
  ['DeleteAttributes', attributes.deleteAttributesAction],
  ['ListAttributes', attributes.listAttributesAction],
  ['UpdateContainerAgent', instances.updateContainerAgentAction],
  ['ListAccountSettings', account.listAccountSettingsAction],
  ['PutAccountSetting', account.putAccountSettingAction],
  ['PutAccountSettingDefault', account.putAccountSettingAction],
  ['DeleteAccountSetting', account.deleteAccountSettingAction],
  ['DescribeServices', services.describeServicesAction],
  ['ListServices', services.listServicesAction],
  ['RegisterTaskDefinition', definitions.registerTaskDefinitionAction],
  ['DeregisterTaskDefinition', definitions.deregisterTaskDefinitionAction],
  ['DeleteTaskDefinitions', definitions.deleteTaskDefinitionsAction],
  ['DescribeTaskDefinition', definitions.describeTaskDefinitionAction],
  ['ListTaskDefinitions', definitions.listTaskDefinitionsAction],
  ['ListTaskDefinitionFamilies', definitions.listTaskDefinitionFamiliesAction],
  ['RunTask', runTaskAction],
  ['StartTask', startTaskAction],
  ['StopTask', tasks.stopTaskAction],
  ['DescribeTasks', tasks.describeTasksAction],
  ['ListTasks', tasks.listTasksAction],
  ['GetTaskProtection', tasks.taskProtectionAction],
  ['UpdateTaskProtection', tasks.taskProtectionAction],
  ['ExecuteCommand', tasks.executeCommandAction],
  ['TagResource', tags.tagResourceAction],
  ['UntagResource', tags.untagResourceAction],
  ['ListTagsForResource', tags.listTagsForResourceAction],
]);

/**
 * Carries out one call of the ECS API and returns its answer; null when an injected fault resets the connection instead.
 * Throws an AwsError.
 */
export async function answerCall(context: ActionContext, name: string, body: string): Promise<object | null> {
  const action = ACTIONS.get(name);
  if (!action) throw unknownOperation(name);
  const { reset } = context.faults.onCall(name);
  if (reset === 'before') return null;
  const answer = await action(context, withoutNulls(parseCallBody(body)));
  return reset === 'after' ? null : answer;
}

function unknownOperation(name: string): AwsError {
  const why = whyNotHere(name);
  return why === null
    ? new AwsError('UnknownOperationException', `Neither ECS nor local ECS knows the operation "${name}".`)
    : new AwsError('UnsupportedFeatureException', why);
}
