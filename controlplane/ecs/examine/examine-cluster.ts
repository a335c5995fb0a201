import { messageOf } from '../../../shared/model/error.ts';
import { endpointOf } from '../client/aws-connection.ts';
import { unchecked, type ClusterFinding, type ExaminedParts, type LaunchedThere } from './cluster-finding.ts';
import { launchTraits } from '../config/cluster.ts';
import { examineCapacity } from './examine-capacity.ts';
import { examineNetwork } from './examine-network.ts';
import { EcsCallError } from '../client/ecs-error.ts';
import { nameOf } from '../client/classify-ecs-error.ts';
import { AssumeRoleError, stsFailure } from '../client/credentials.ts';
import { parseImageReference } from '../definition/image-reference.ts';
import { PERMISSIONS, type Permission } from './permissions.ts';
import { PROBED_ACTIONS, probePermission, type ProbeDeps, type ProbeOutcome } from './probe-permissions.ts';

const NO_ANSWER =
  'Try again; if it lasts, look at the network, at the address that is called and at the AWS health pages.';

/** Checks what a launch needs of AWS with calls that change nothing. Never throws for an answer of AWS. */
export async function examineCluster(parts: ExaminedParts, launched: LaunchedThere): Promise<ClusterFinding[]> {
  const { finding: cluster, arn } = await examineState(parts);
  const probes: ProbeDeps = { ...parts, cluster: parts.cluster.cluster, clusterArn: arn };
  return [
    await examineCredentials(parts),
    cluster,
    ...(await Promise.all(
      neededPermissions(parts, launched).map((permission) => examinePermission(probes, permission)),
    )),
    ...(arn === null ? [] : await examineCapacity(parts, launched)),
    ...(await examineNetwork(parts)),
    examineQuotas(parts),
    ...launched.images.map((image) => examineImage(image, parts.cluster.region)),
  ];
}

async function examineCredentials({ cluster, findAccount }: ExaminedParts): Promise<ClusterFinding> {
  const name = 'credentials';
  const whose = cluster.roleArn ?? cluster.accessKeyId ?? 'the credentials of the node';
  const remedy = `Give the cluster other credentials with wipctl clusters save ${cluster.name}, or correct those of the node.`;
  if (endpointOf('sts', cluster) === 'none') {
    return unchecked(name, `${whose} are for ${cluster.endpoint}, which has no STS to ask whose they are.`);
  }
  try {
    const account = await findAccount();
    return {
      name,
      outcome: 'ok',
      message: `${whose} belong to the account ${account ?? 'that STS does not name'}.`,
      remedy: null,
    };
  } catch (error) {
    const words = `${nameOf(error)}: ${messageOf(error)}`;
    switch (error instanceof AssumeRoleError ? stsFailure(error.cause) : stsFailure(error)) {
      case 'refused':
        return { name, outcome: 'failed', message: `STS refuses ${whose}: ${words}`, remedy };
      case 'no-credentials':
        return {
          name,
          outcome: 'failed',
          message: `${whose} could not be loaded, so STS was not asked: ${words}`,
          remedy,
        };
      case 'unanswered':
        return {
          name,
          outcome: 'warning',
          message: `STS gave no answer that tells whose ${whose} are: ${words}`,
          remedy: NO_ANSWER,
        };
    }
  }
}

async function examineState({
  cluster,
  check,
}: ExaminedParts): Promise<{ finding: ClusterFinding; arn: string | null }> {
  const name = 'cluster';
  try {
    const { arn } = await check();
    return {
      finding: { name, outcome: 'ok', message: `${cluster.cluster} in ${cluster.region} is ACTIVE.`, remedy: null },
      arn,
    };
  } catch (error) {
    if (!(error instanceof EcsCallError)) throw error;
    const outcome = error.retryable ? 'warning' : 'failed';
    return { finding: { name, outcome, message: error.message, remedy: null }, arn: null };
  }
}

function neededPermissions({ cluster }: ExaminedParts, { hasRoles }: LaunchedThere): readonly Permission[] {
  const { kind, hasSubnets: hasInterfaces } = launchTraits(cluster.launch);
  const hasMachines = kind === 'ec2';
  return PERMISSIONS.filter(({ action, need }) => {
    if (need === 'machines') return hasMachines;
    if (need === 'public') return cluster.connection?.address === 'public' && hasInterfaces;
    if (need === 'events') return cluster.connection?.eventsQueue !== undefined;
    return need === 'always' || (action === 'iam:PassRole' && hasRoles);
  });
}

async function examinePermission(probes: ProbeDeps, { action, why }: Permission): Promise<ClusterFinding> {
  if (!PROBED_ACTIONS.includes(action)) {
    return unchecked(action, `No harmless call can prove it; Wip needs it because it ${why}.`);
  }
  return permissionFinding(action, why, await probePermission(probes, action));
}

function permissionFinding(name: string, why: string, outcome: ProbeOutcome): ClusterFinding {
  switch (outcome.kind) {
    case 'allowed':
      return { name, outcome: 'ok', message: `Allowed: Wip ${why}.`, remedy: null };
    case 'denied':
      return {
        name,
        outcome: 'failed',
        message: `Denied, and Wip ${why}: ${outcome.sentence}`,
        remedy: `Allow ${name} in the policy of these credentials; docker/aws/iam/control-plane.json is the whole one.`,
      };
    case 'credentials':
      return {
        name,
        outcome: 'failed',
        message: outcome.sentence,
        remedy: 'Give the cluster new credentials with wipctl clusters save.',
      };
    case 'unanswered':
      return {
        name,
        outcome: 'warning',
        message: `There was no answer: ${outcome.sentence}`,
        remedy: NO_ANSWER,
      };
  }
}

function examineQuotas({ calls }: ExaminedParts): ClusterFinding {
  const states = Object.entries(calls.readQuotas());
  const empty = states.filter(([, { tokens }]) => tokens < 1).map(([quota]) => quota);
  const message = states.map(
    ([quota, { tokens, burst, perSecond }]) => `${quota} ${Math.floor(tokens)} of ${burst} (${perSecond}/s)`,
  );
  if (empty.length === 0)
    return { name: 'quotas', outcome: 'ok', message: `Calls left to this node: ${message.join(', ')}.`, remedy: null };
  return {
    name: 'quotas',
    outcome: 'warning',
    message: `No calls are left of ${empty.join(', ')} (${message.join(', ')}).`,
    remedy: 'Wait; if it lasts, ask AWS for a higher rate and tell Wip with the setting ecs_quotas.',
  };
}

function examineImage(image: string, region: string): ClusterFinding {
  const name = `image ${image}`;
  const parsed = parseImageReference(image);
  if (parsed.kind === 'malformed') {
    return {
      name,
      outcome: 'failed',
      message: `It is no reference of an image: ${parsed.reason}.`,
      remedy: 'Correct containerDefinitions.0.image in config.ecs.yml.',
    };
  }
  const remedy = 'Name it by digest, or with a tag that is never moved.';
  if (parsed.digest === null && (parsed.tag === null || parsed.tag === 'latest')) {
    return {
      name,
      outcome: 'warning',
      message: 'It has no fixed tag, so two builds may run in two different images.',
      remedy,
    };
  }
  if (parsed.ecr !== null && parsed.ecr.region !== region) {
    return {
      name,
      outcome: 'warning',
      message: `It is pulled from ${parsed.ecr.region}, and the cluster is in ${region}.`,
      remedy: `Replicate the repository to ${region}: pulls are faster then, and cost no transfer.`,
    };
  }
  const where = parsed.registry ?? 'Docker Hub';
  return unchecked(
    name,
    `Its name is well formed. Whether ${where} has it, and the cluster may pull it, only a launch shows (wipctl canary).`,
  );
}
