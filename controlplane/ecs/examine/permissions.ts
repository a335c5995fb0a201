/** When a node makes a call. `check`: only `wipctl ecs check` does, which says what it could not see without. */
type Need = 'always' | 'machines' | 'public' | 'role' | 'cleaning' | 'logs' | 'events' | 'check';

export interface Permission {
  /** As in an IAM policy. */
  readonly action: string;
  readonly need: Need;
  readonly why: string;
}

/**
 * Every action that a node calls, or that AWS demands for one of its calls. README.md has this table for operators, and
 * docker/aws/iam the policies. A test holds all of them against the commands that the code makes.
 */
export const PERMISSIONS: readonly Permission[] = [
  { action: 'ecs:RunTask', need: 'always', why: 'launches containers' },
  { action: 'ecs:TagResource', need: 'always', why: 'gives each task its tags when RunTask launches it' },
  { action: 'ecs:StopTask', need: 'always', why: 'stops containers whose task has ended, and those that no task owns' },
  { action: 'ecs:DescribeTasks', need: 'always', why: 'learns where a container is and how it ended' },
  { action: 'ecs:ListTasks', need: 'always', why: 'finds a container whose launch was not answered, and unowned ones' },
  { action: 'ecs:RegisterTaskDefinition', need: 'always', why: 'registers a definition when its content has changed' },
  { action: 'ecs:DeregisterTaskDefinition', need: 'cleaning', why: 'takes old revisions out of use' },
  { action: 'ecs:DeleteTaskDefinitions', need: 'cleaning', why: 'deletes them an hour later' },
  { action: 'ecs:DescribeClusters', need: 'always', why: 'says whether the cluster is there and active' },
  {
    action: 'ecs:DescribeContainerInstances',
    need: 'machines',
    why: 'learns which machine a container with a bridge network is on',
  },
  {
    action: 'ec2:DescribeInstances',
    need: 'machines',
    why: 'learns the address of that machine, which ECS does not tell',
  },
  {
    action: 'ec2:DescribeNetworkInterfaces',
    need: 'public',
    why: 'learns the public address of a container with an interface of its own',
  },
  { action: 'sqs:ReceiveMessage', need: 'events', why: 'hears of changes of containers before the next sweep' },
  { action: 'sqs:DeleteMessage', need: 'events', why: 'deletes the messages it has followed' },
  {
    action: 'logs:GetLogEvents',
    need: 'logs',
    why: 'shows the last lines of a container that died before its agent spoke',
  },
  {
    action: 'iam:PassRole',
    need: 'role',
    why: 'hands the roles of the definition on with RunTask and RegisterTaskDefinition',
  },
  { action: 'sts:AssumeRole', need: 'role', why: 'uses the role of a cluster' },
  {
    action: 'sts:GetCallerIdentity',
    need: 'check',
    why: 'tells whose credentials these are; AWS allows it to everybody',
  },
  { action: 'ecs:ListContainerInstances', need: 'check', why: 'counts machines and the room on them' },
  { action: 'ec2:DescribeSubnets', need: 'check', why: 'says whether the subnets of the cluster exist' },
  { action: 'ec2:DescribeSecurityGroups', need: 'check', why: 'says whether its security groups exist' },
];
