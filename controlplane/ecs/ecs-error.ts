import { OperationalError, messageOf } from '../../shared/model/error.ts';
import type { EcsErrorClass } from '../containers/container.ts';

/** A call that ECS answered with an error, or not at all, and what kind that is. */
export class EcsCallError extends OperationalError {
  readonly class: EcsErrorClass;
  /** The name that AWS or Node gave it, such as AccessDeniedException or ECONNRESET. */
  readonly awsName: string;
  readonly said: string;
  readonly resourceIds: readonly string[];

  constructor(action: string, kind: EcsErrorClass, thrown: unknown) {
    const awsName = nameOf(thrown);
    super(kind === 'throttled' || kind === 'unavailable' ? 'ECS_UNAVAILABLE' : 'ECS_REFUSED', {
      happened: `${action} failed: ${awsName}: ${messageOf(thrown)}`,
      remedy: REMEDIES[kind],
      cause: thrown,
    });
    this.class = kind;
    this.awsName = awsName;
    this.said = messageOf(thrown);
    this.resourceIds = resourceIdsOf(thrown);
  }
}

const REMEDIES: Readonly<Record<EcsErrorClass, string>> = {
  throttled: 'Wait; if it lasts, ask AWS for a higher API rate for this account',
  'access-denied':
    'Give the credentials of the cluster the rights in docker/aws, or give it others with wipctl clusters save',
  'credentials-expired': 'Give the cluster new credentials with wipctl clusters save',
  'cluster-missing': 'Create the cluster, or correct its name and region with wipctl clusters save',
  invalid: 'Correct the request as the message says',
  conflict: 'Report it: the same attempt must always send the same request',
  unavailable: 'Wait; if it lasts, look at the network and at the AWS health pages',
};

const CLASS_BY_NAME: ReadonlyMap<string, EcsErrorClass> = new Map([
  ...names('throttled', [
    'ThrottlingException',
    'Throttling',
    'TooManyRequestsException',
    'RequestLimitExceeded',
    'SlowDown',
  ]),
  ...names('credentials-expired', ['ExpiredTokenException', 'ExpiredToken', 'RequestExpired', 'TokenRefreshRequired']),
  ...names('access-denied', [
    'AccessDeniedException',
    'AccessDenied',
    'UnauthorizedOperation',
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'IncompleteSignature',
    'MissingAuthenticationToken',
    'OptInRequired',
    'CredentialsProviderError',
  ]),
  ...names('cluster-missing', ['ClusterNotFoundException']),
  ...names('conflict', ['ConflictException']),
  ...names('unavailable', ['ServerException', 'ServiceUnavailable', 'InternalFailure', 'TimeoutError', 'AbortError']),
]);

function names(kind: EcsErrorClass, list: readonly string[]): [string, EcsErrorClass][] {
  return list.map((name) => [name, kind]);
}

/** Null: it is no answer of AWS and no failure of the network, so it is a bug of ours. */
export function classifyEcsError(thrown: unknown): EcsErrorClass | null {
  const known = CLASS_BY_NAME.get(nameOf(thrown));
  if (known) return known;
  const status = httpStatusOf(thrown);
  if (status === 429) return 'throttled';
  if (status !== null && status >= 400 && status < 500) return 'invalid';
  // An answer with a good status that is no JSON comes from something between us and ECS.
  if (status !== null) return 'unavailable';
  const { code } = fields(thrown);
  return typeof code === 'string' && /^(E[A-Z_]+|ERR_|CERT_|UND_ERR)/.test(code) ? 'unavailable' : null;
}

function fields(thrown: unknown): Record<string, unknown> {
  return typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>) : {};
}

function nameOf(thrown: unknown): string {
  const { name, code } = fields(thrown);
  // The SDK names every failure of a socket TimeoutError; its code says what it was.
  if (typeof code === 'string' && name !== undefined && (name === 'Error' || name === 'TimeoutError')) return code;
  return typeof name === 'string' ? name : 'Error';
}

function httpStatusOf(thrown: unknown): number | null {
  const status = fields(fields(thrown)['$metadata'])['httpStatusCode'];
  return typeof status === 'number' ? status : null;
}

function resourceIdsOf(thrown: unknown): string[] {
  const ids = fields(thrown)['resourceIds'];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
}
