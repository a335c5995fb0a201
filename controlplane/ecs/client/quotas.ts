/**
 * Rates that Amazon ECS grants an account in one region, and limits of single calls. From the Amazon ECS
 * documentation, "Request throttling for the Amazon ECS API", and the API reference. AWS raises them for an account on
 * request, so the setting `ecs_quotas` overrides them (quota-overrides.ts).
 */
export interface QuotaBucket {
  readonly name: string;
  readonly actions: readonly string[];
  readonly burst: number;
  readonly perSecond: number;
}

export const ECS_QUOTAS: readonly QuotaBucket[] = [
  { name: 'cluster-resource-modify', actions: ['RunTask', 'StopTask'], burst: 100, perSecond: 40 },
  {
    name: 'cluster-resource-read',
    actions: ['DescribeTasks', 'ListTasks', 'DescribeContainerInstances', 'ListContainerInstances'],
    burst: 100,
    perSecond: 20,
  },
  {
    name: 'task-definition-modify',
    // The published table does not name DeleteTaskDefinitions. It changes definitions, so it is counted with what does.
    actions: ['RegisterTaskDefinition', 'DeregisterTaskDefinition', 'DeleteTaskDefinitions'],
    burst: 20,
    perSecond: 1,
  },
  {
    name: 'task-definition-read',
    actions: ['DescribeTaskDefinition', 'ListTaskDefinitions'],
    burst: 50,
    perSecond: 20,
  },
  { name: 'cluster-read', actions: ['DescribeClusters', 'ListClusters'], burst: 50, perSecond: 20 },
];

/** RunTask on Fargate draws from these as well. */
export const FARGATE_QUOTAS: readonly QuotaBucket[] = [
  { name: 'fargate-run-task', actions: ['RunTask'], burst: 20, perSecond: 20 },
];

/**
 * Calls to Amazon EC2, which counts apart from ECS. From "Request throttling for the Amazon EC2 API": non-mutating
 * actions.
 */
export const EC2_QUOTAS: readonly QuotaBucket[] = [
  { name: 'ec2-read', actions: ['DescribeInstances', 'DescribeNetworkInterfaces'], burst: 100, perSecond: 20 },
];

/** ARNs that one DescribeTasks takes. */
export const DESCRIBE_TASKS_ARNS = 100;
/** Characters of `startedBy` and of a task definition's family. */
export const STARTED_BY_CHARACTERS = 128;
export const FAMILY_CHARACTERS = 255;
/**
 * A client token deduplicates for min(24 h, the ECS task's life + 1 h), and a stopped task is listed for 1 h. A task
 * may live a second, so both are certain for an hour only. Five minutes of it are left for clocks that differ.
 */
export const CLIENT_TOKEN_CERTAIN_MS = 55 * 60 * 1000;
