import type { CauseRow } from '../cause-row.ts';

// "unable to pull secrets or registry auth" begins every message about either, so only what follows tells them apart.
const ABOUT_A_SECRET =
  '(secretsmanager:|ssm:Get|kms:Decrypt|from (asm|ssm)\\b|secret data from|fetching secret\\b|fetch secret\\b|Secrets Manager|Parameter Store|Systems Manager)';
const DENIED =
  '(AccessDenied|not authorized to perform|not authorized to access|is not authorized|UnauthorizedOperation|Access to KMS is not allowed|role has the permissions)';
const UNREACHABLE =
  '(connection issue|send request failed|deadline exceeded|request canceled|context canceled|RequestCanceled|i-o timeout|dial tcp|no such host|connection (refused|reset)|[Cc]heck your (task )?network|TLS handshake)';
const MISSING_SECRET =
  "(ResourceNotFoundException|can't find the specified secret|invalid parameters|ParameterNotFound|staging label|json key|unexpected ARN format|ValidationException|InvalidParameter)";

/** Secrets and parameters that could not be read. They come before images, whose registries have such credentials too. */
export const SECRET_CAUSES: readonly CauseRow[] = [
  {
    cause: 'secret-access-denied',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The execution role of the task may not read a secret or parameter ({reason})',
    remedy:
      'Allow the execution role to read it (secretsmanager:GetSecretValue, ssm:GetParameters, and kms:Decrypt for a key of your own)',
    when: { pattern: new RegExp(`${ABOUT_A_SECRET}.*${DENIED}|${DENIED}.*${ABOUT_A_SECRET}`, 's') },
  },
  {
    cause: 'secret-missing',
    fault: 'configuration',
    retry: 'never',
    sentence: 'A secret or parameter of the task definition cannot be used ({reason})',
    remedy: 'Create it in the region of the cluster, or correct `secrets` in config.ecs.yml',
    when: { pattern: new RegExp(`${ABOUT_A_SECRET}.*${MISSING_SECRET}`, 's') },
  },
];

/** Ends because something else could not be had that ECS prepares before the container: logs, volumes, roles. */
export const RESOURCE_CAUSES: readonly CauseRow[] = [
  {
    cause: 'image-access-denied',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The execution role of the task may not log in to the image registry ({reason})',
    remedy: 'Allow the execution role ecr:GetAuthorizationToken and to read the repository',
    when: { pattern: new RegExp(`\\bregistry auth\\b.*${DENIED}|\\becr:\\w+.*${DENIED}|${DENIED}.*\\becr:\\w+`, 's') },
  },
  {
    cause: 'role-not-assumable',
    fault: 'configuration',
    retry: 'never',
    sentence: 'ECS may not assume a role of the task ({reason})',
    remedy:
      'Let the role trust ecs-tasks.amazonaws.com (an infrastructure role: ecs.amazonaws.com), or correct its ARN',
    when: { pattern: /\bunable to assume the (role|\w+ ?ECS Infrastructure Role)\b|\bsts:AssumeRole\b/i },
  },
  {
    cause: 'resource-initialization',
    fault: 'configuration',
    retry: 'launch-again',
    sentence: 'Something the container needs before its start could not be had ({reason})',
    remedy: 'Look at the route from the subnets to the AWS services and at the rights of the execution role',
    when: { pattern: new RegExp(`\\bResourceInitializationError\\b.*${UNREACHABLE}`, 's') },
  },
  {
    cause: 'log-driver-failed',
    fault: 'configuration',
    retry: 'never',
    sentence: 'The log driver of the container could not be started ({reason})',
    remedy: 'Create the log group, or correct logConfiguration in config.ecs.yml and the rights of the execution role',
    when: {
      pattern:
        /\blog group does not exist\b|\bcannot find the Amazon CloudWatch log group\b|\bfailed to (create|initialize|validate) (Cloudwatch log stream|logging driver|logger args)\b|\blogs:\w+/i,
    },
  },
  {
    cause: 'environment-file-failed',
    fault: 'configuration',
    retry: 'never',
    sentence: 'An environment file of the task definition could not be read ({reason})',
    remedy: 'Correct environmentFiles in config.ecs.yml, or allow the execution role to read the bucket',
    when: { pattern: /\b(failed to )?download(ing)? env(ironment)? ?files?\b|\bs3:GetObject\b/i },
  },
  {
    cause: 'volume-access-denied',
    fault: 'configuration',
    retry: 'never',
    sentence: 'A volume of the container may not be used ({reason})',
    remedy: 'Give the infrastructure role of the volume, or the file system, the rights that the message names',
    when: {
      pattern: new RegExp(
        `\\b(EBS|EFS|volumes?|mount\\S*)\\b.*(${DENIED}|\\baccess denied\\b|elasticfilesystem:)`,
        's',
      ),
    },
  },
  {
    cause: 'volume-failed',
    fault: 'configuration',
    retry: 'never',
    sentence: 'A volume of the container could not be made ({reason})',
    remedy: 'Look at the volumes in config.ecs.yml and at the paths on the machines of the cluster',
    when: {
      pattern:
        /\bCannot(Create|Inspect|Remove)VolumeError\b|\binvalid mount\b|\bcreating mount source\b|\bbind source path\b|\berror mounting\b|\bEFS (utils|volumes?)\b|\bmount\.nfs4?\b|\bEBS\b|\b(Create|Attach) Volume\b/i,
    },
  },
  {
    cause: 'resource-initialization',
    fault: 'configuration',
    retry: 'launch-again',
    sentence: 'Something the container needs before its start could not be had ({reason})',
    remedy: 'Look at the route from the subnets to the AWS services and at the rights of the execution role',
    when: { pattern: /\bResourceInitializationError\b/ },
  },
];
