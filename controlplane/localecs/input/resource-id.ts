import { AwsError } from '../protocol/aws-error.ts';
import type { LocalCluster } from '../local-state.ts';

/** No AWS account has this number. */
export const ACCOUNT = '000000000000';

/** The words of ECS for an id of each kind, and for the whole. */
const WORDS = {
  task: { id: 'taskId', whole: 'Task' },
  'container-instance': { id: 'containerInstanceId', whole: 'Container Instance' },
} as const;

const ARN = /^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/;
/** A UUID has 36 characters, and 32 without its hyphens. */
const ID_LENGTHS = [32, 36];

/**
 * Returns the id that a reference to something of this cluster names. Throws as ECS does for what cannot be one: an id of
 * another length, and an ARN that is none, or of another kind, region, account or cluster.
 */
export function idIn(
  { region }: { readonly region: string },
  cluster: Pick<LocalCluster, 'name'>,
  reference: string,
  kind: keyof typeof WORDS,
): string {
  if (!reference.startsWith('arn:')) return checkedId(reference, kind);
  const [, partition, service, ofRegion, ofAccount, resource = ''] = ARN.exec(reference) ?? [];
  const [ofKind, ofCluster, id, ...more] = resource.split('/');
  const isArn = partition === 'aws' && service === 'ecs' && ofKind === kind && id !== undefined && more.length === 0;
  if (!isArn) throw refused(`${WORDS[kind].whole} Identifier is invalid`);
  if (ofRegion !== region) throw refused('Invalid Region in ARN');
  if (ofAccount !== ACCOUNT) throw refused(`Identifier is for ${ofAccount ?? ''}. Your accountId is ${ACCOUNT}`);
  if (ofCluster !== cluster.name) {
    throw refused(`Invalid identifier: Identifier is for cluster ${ofCluster ?? ''}. Your cluster is ${cluster.name}`);
  }
  return checkedId(id, kind);
}

function checkedId(id: string, kind: keyof typeof WORDS): string {
  const { id: name } = WORDS[kind];
  if (id === '') throw refused(`${name} can not be blank.`);
  if (!ID_LENGTHS.includes(id.length)) throw refused(`${name} length should be one of [${ID_LENGTHS.join(',')}]`);
  if (!/^[A-Za-z0-9-]+$/.test(id)) throw refused(`${name} contains invalid characters.`);
  return id;
}

function refused(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
