import { arn, type ActionContext } from './action-context.ts';
import type { LocalCluster, LocalDefinition, LocalTask } from '../local-state.ts';
import type { RunTaskInput } from '../input/run-task-input.ts';
import { isOnFargate } from '../input/run-task-rules.ts';
import { checkTagCount } from '../input/tags-input.ts';
import { needsOf } from '../placement/task-needs.ts';

/** The stopTimeout of a container that sets none, as in ECS. */
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

interface NewTask {
  readonly cluster: LocalCluster;
  readonly definition: LocalDefinition;
  readonly request: RunTaskInput;
  /** ARN of its container instance; null on Fargate. */
  readonly instance: string | null;
}

/** Returns a task that has yet to begin. */
export function newTask(context: ActionContext, { cluster, definition, request, instance }: NewTask): LocalTask {
  const id = context.newId();
  const [container] = definition.input.containerDefinitions;
  if (container?.name === undefined) throw new Error('a registered definition has a container with a name');
  const override = request.overrides.containerOverrides.find((each) => each.name === container.name);
  const pairs = [...(container.environment ?? []), ...(override?.environment ?? [])];
  const { subnets: [subnet] = [], assignPublicIp } = request.networkConfiguration?.awsvpcConfiguration ?? {};
  return {
    id,
    arn: arn(context, `task/${cluster.name}/${id}`),
    cluster: cluster.name,
    definitionArn: definition.arn,
    family: definition.family,
    container: { name: container.name, image: container.image ?? null, exitCode: null, reason: null },
    environment: Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    overrides: request.overrides,
    startedBy: request.startedBy ?? null,
    launchType: isOnFargate(request) ? 'FARGATE' : (request.launchType ?? 'EC2'),
    group: request.group ?? null,
    capacityProviderName: request.capacityProviderStrategy[0]?.capacityProvider ?? null,
    enableExecuteCommand: request.enableExecuteCommand,
    containerInstance: instance,
    isUnprovisioned: false,
    attachment:
      subnet === undefined ? null : attachmentOf(context, id, { subnet, isPublic: assignPublicIp === 'ENABLED' }),
    tags: tagsOf(cluster, definition, request),
    ...needsOf(definition, request.overrides),
    stopTimeoutSeconds: container.stopTimeout ?? DEFAULT_STOP_TIMEOUT_SECONDS,
    version: 1,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    stopCode: null,
    stoppedReason: null,
    createdAt: context.clock.now().toISOString(),
    pullStartedAt: null,
    pullStoppedAt: null,
    startedAt: null,
    stoppingAt: null,
    executionStoppedAt: null,
    stoppedAt: null,
  };
}

/** A tag of the request counts instead of one that the definition hands on. */
function tagsOf(cluster: LocalCluster, definition: LocalDefinition, request: RunTaskInput): LocalTask['tags'] {
  const managed = request.enableECSManagedTags ? [{ key: 'aws:ecs:clusterName', value: cluster.name }] : [];
  const handedOn = request.propagateTags === 'TASK_DEFINITION' ? definition.tags : [];
  const own = new Set(request.tags.map(({ key }) => key));
  const all = [...managed, ...handedOn.filter(({ key }) => !own.has(key)), ...request.tags];
  checkTagCount(all);
  return all;
}

function attachmentOf(
  context: ActionContext,
  taskId: string,
  of: { readonly subnet: string; readonly isPublic: boolean },
) {
  return { id: context.newId(), networkInterface: `eni-${taskId.slice(0, 17)}`, ...of };
}
