import { OperationalError } from '../../../shared/model/error.ts';
import type { EcsErrorClass } from '../../containers/container.ts';
import { fields, nameOf, sayEcsError } from './classify-ecs-error.ts';

/** A call that ECS answered with an error, or not at all, and the class of the failure. */
export class EcsCallError extends OperationalError {
  readonly class: EcsErrorClass;
  /** The call, such as RunTask. */
  readonly action: string;
  /** The name that AWS or Node gave the error, such as AccessDeniedException or ECONNRESET. */
  readonly awsName: string;
  readonly awsMessage: string;
  readonly resourceIds: readonly string[];
  /** Our names of the quotas that a throttled call draws from; empty for other errors. */
  readonly quotas: readonly string[];

  constructor(action: string, kind: EcsErrorClass, thrown: unknown, quotas: readonly string[] = []) {
    const awsName = nameOf(thrown);
    super(kind === 'throttled' || kind === 'unavailable' ? 'ECS_UNAVAILABLE' : 'ECS_REFUSED', {
      happened: `${action} failed: ${awsName}: ${sayEcsError(thrown).replace(/\.$/, '')}`,
      remedy: remedyOf(kind, thrown),
      cause: thrown,
    });
    this.class = kind;
    this.action = action;
    this.awsName = awsName;
    this.awsMessage = sayEcsError(thrown);
    this.resourceIds = resourceIdsOf(thrown);
    this.quotas = kind === 'throttled' ? quotas : [];
  }
}

const REMEDIES: Readonly<Record<EcsErrorClass, string>> = {
  throttled: 'Wait; if it lasts, ask AWS for a higher API rate for this account',
  'access-denied':
    'Give the credentials of the cluster the rights in docker/aws/iam/control-plane.json, or give it others with wipctl clusters save',
  'credentials-expired': 'Give the cluster new credentials with wipctl clusters save',
  'cluster-missing': 'Create the cluster, or correct its name and region with wipctl clusters save',
  invalid: 'Correct the request as the message says',
  conflict: 'Report it: the same attempt must always send the same request',
  unavailable: 'Wait; if it lasts, look at the network and at the AWS health pages',
};

// AWS: "Signature expired: 20261130T185523Z is now earlier than …", "Signature not yet current: …", and of EC2 "Request has
// expired". It refuses the signature, and means the clock that it was made with.
const CLOCK_IS_WRONG = /\bsignature (expired|not yet current)\b|\brequest has expired\b/i;

function remedyOf(kind: EcsErrorClass, thrown: unknown): string {
  if (!CLOCK_IS_WRONG.test(sayEcsError(thrown))) return REMEDIES[kind];
  return 'Set the clock of this node right (NTP): AWS allows a difference of 5 minutes';
}

function resourceIdsOf(thrown: unknown): string[] {
  const ids = fields(thrown)['resourceIds'];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
}
