import { messageOf } from '../../../shared/model/error.ts';
import { CREDENTIALS_REFUSED } from '../../containers/causes/rows/ecs-error-rows.ts';
import type { EcsErrorClass } from '../../containers/container.ts';

/*
 * How an error of a call to AWS is classified. Its name decides where it is clear enough:
 *
 *   a name that says what happened ──────────────► its class
 *   a name that wraps (InvalidParameterException) ► the error code or the words in its message, else its cause
 *   429, 5xx, a socket's code ───────────────────► throttled, unavailable
 *   a refusal that ECS documents ────────────────► invalid
 *   any other answer ────────────────────────────► unavailable: what nobody knows is waited for, and no build fails by it
 *
 * An answer of something between us and ECS, such as the page of a proxy, is never a refusal.
 */

// Sources of the names: the API references of Amazon ECS, EC2 and STS ("Common errors", "Error codes for the Amazon EC2
// API"), and the lists by which the SDKs of AWS decide what they retry.
const CLASS_BY_NAME: ReadonlyMap<string, EcsErrorClass> = new Map([
  ...names('throttled', [
    'ThrottlingException',
    'Throttling',
    'ThrottledException',
    'RequestThrottled',
    'RequestThrottledException',
    'TooManyRequestsException',
    'RequestLimitExceeded',
    'LimitExceededException',
    'EC2ThrottledException',
    'BandwidthLimitExceeded',
    'PriorRequestNotComplete',
    'SlowDown',
  ]),
  ...names('credentials-expired', [
    'ExpiredTokenException',
    'ExpiredToken',
    'RequestExpired',
    'TokenRefreshRequired',
    'ExpiredIteratorException',
  ]),
  ...names('access-denied', [
    'AccessDeniedException',
    'AccessDenied',
    'BlockedException',
    'UnauthorizedOperation',
    ...CREDENTIALS_REFUSED,
    'NotAuthorized',
    'OptInRequired',
  ]),
  ...names('cluster-missing', ['ClusterNotFoundException']),
  ...names('conflict', ['ConflictException']),
  ...names('unavailable', [
    'ServiceUnavailable',
    'ServiceUnavailableException',
    'InternalFailure',
    'InternalError',
    'RequestTimeout',
    'RequestTimeoutException',
    'TimeoutError',
    'AbortError',
    'Unavailable',
  ]),
]);

/** Names that tell who failed and not why. The wrapped error decides; without one, this class. */
const WRAPPERS: ReadonlyMap<string, EcsErrorClass> = new Map([
  ['ServerException', 'unavailable'],
  ['CredentialsProviderError', 'access-denied'],
]);

/** Errors that refuse the same request again. Only these are worth telling somebody to correct it. */
const INVALID: ReadonlySet<string> = new Set([
  'InvalidParameterException',
  'InvalidParameterValue',
  'InvalidParameterCombination',
  'InvalidInstanceID.NotFound',
  'InvalidInstanceID.Malformed',
  'InvalidNetworkInterfaceID.NotFound',
  'ClientException',
  'ValidationException',
  'ValidationError',
  'MissingParameter',
  'MalformedQueryString',
  'SerializationException',
  'UnknownOperationException',
  'UnsupportedFeatureException',
  'PlatformUnknownException',
  'PlatformTaskDefinitionIncompatibilityException',
  'ResourceNotFoundException',
  'TargetNotFoundException',
  'NamespaceNotFoundException',
]);

// ECS calls other services (EC2, IAM, service discovery) and reports their errors inside its own, in words alone.
// Wordings of public reports: RunTask "Error retrieving subnet information for [subnet-…]: Rate exceeded (ErrorCode:
// Throttling)", "Error retrieving security group information …: Request limit exceeded. (ErrorCode:
// RequestLimitExceeded)"; RegisterTaskDefinition "Too many concurrent attempts to create a new revision of the
// specified family".
const CLASS_BY_WORDS: readonly [pattern: RegExp, kind: EcsErrorClass][] = [
  [/\b(rate|request limit|requests? rate|throughput)\b.{0,20}\bexceeded\b/i, 'throttled'],
  [/\bthrottl(ed|ing)\b|\btoo many (requests|concurrent)\b|\bslow down\b/i, 'throttled'],
  [
    /\b(security token|session token|token|session|credentials)\b.{0,40}\b(is|has|have|are) (now )?expired\b/i,
    'credentials-expired',
  ],
  [/\b(is|are) not authorized to\b|\bsecurity token\b.{0,40}\bis invalid\b/i, 'access-denied'],
  // A deleted cluster keeps its name for a while, and RunTask says so under the names of refused parameters too.
  [/\b(referenced )?cluster (was|is) (inactive|not active|not found)\b/i, 'cluster-missing'],
  [
    /\b(service|server) (is )?(temporarily )?unavailable\b|\binternal (service |server )?(error|failure)\b/i,
    'unavailable',
  ],
  [/\b(try|retry) (the request )?again\b.{0,20}\b(later|shortly|in a few)\b/i, 'unavailable'],
];

/** Matches an error code inside a message: `(ErrorCode: X)`, `Error Code: X;`, `An error occurred (X) when`, `X: …`. */
const CODE_IN_WORDS = /\bError ?Code: ?([A-Za-z0-9.]+)|\(([A-Z][A-Za-z0-9.]+)\)|(?:^|: )([A-Z][A-Za-z0-9.]+): /g;

// Three levels of causes have been seen. The bound keeps a circle of causes from hanging a launch.
const MAX_CAUSES = 4;

/**
 * Returns the class of an error; null for a bug of ours, which is neither an answer of AWS nor a failure of the
 * network.
 */
export function classifyEcsError(thrown: unknown): EcsErrorClass | null {
  const own = classOf(thrown);
  if (own === null || CLASS_BY_NAME.has(nameOf(thrown))) return own;
  return wrappedClass(thrown, MAX_CAUSES) ?? own;
}

/** Classifies by name, status and code, without the words of the message. */
function classOf(thrown: unknown): EcsErrorClass | null {
  const name = nameOf(thrown);
  const known = CLASS_BY_NAME.get(name);
  if (known) return known;
  if (INVALID.has(name)) return isOfAnother(thrown) ? 'unavailable' : 'invalid';
  const wrapped = WRAPPERS.get(name);
  if (wrapped) return wrapped;
  const status = httpStatusOf(thrown);
  if (status === 429) return 'throttled';
  // This includes a successful status with a body that is not JSON: something between us and ECS answered.
  if (status !== null) return 'unavailable';
  // Node's codes of sockets, names and certificates: ECONNRESET, EAI_AGAIN, SELF_SIGNED_CERT_IN_CHAIN, HPE_INVALID_VERSION.
  const { code } = fields(thrown);
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? 'unavailable' : null;
}

/**
 * Returns whether the body names its error in `code`, as gateways and web firewalls do: ECS names it in `__type` or in a
 * header, which the SDK does not keep among the fields.
 */
function isOfAnother(thrown: unknown): boolean {
  const { code, __type: type } = fields(thrown);
  return typeof code === 'string' && type === undefined && httpStatusOf(thrown) !== null;
}

function wrappedClass(thrown: unknown, left: number): EcsErrorClass | null {
  const wordsClass = classOfWords(messageOf(thrown));
  if (wordsClass) return wordsClass;
  const { cause } = fields(thrown);
  if (cause === undefined || cause === null || left === 0) return null;
  return CLASS_BY_NAME.get(nameOf(cause)) ?? wrappedClass(cause, left - 1);
}

/** Classifies the words of another service that ECS reports; null when no pattern matches. */
export function classOfWords(message: string): EcsErrorClass | null {
  for (const [, first, second, third] of message.matchAll(CODE_IN_WORDS)) {
    const known = CLASS_BY_NAME.get(first ?? second ?? third ?? '');
    if (known && known !== 'conflict') return known;
  }
  return CLASS_BY_WORDS.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}

function names(kind: EcsErrorClass, list: readonly string[]): [string, EcsErrorClass][] {
  return list.map((name) => [name, kind]);
}

export function fields(thrown: unknown): Record<string, unknown> {
  return typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>) : {};
}

/** Returns the name that AWS or Node gave the error, such as AccessDeniedException or ECONNRESET. */
export function nameOf(thrown: unknown): string {
  const { name, code } = fields(thrown);
  // The SDK names every failure of a socket TimeoutError. Its code tells the actual failure.
  if (typeof code === 'string' && name !== undefined && (name === 'Error' || name === 'TimeoutError')) return code;
  return typeof name === 'string' ? name : 'Error';
}

/**
 * Returns the text of an error. The SDK tells an answer that is not JSON as an error of its parser; the status and the
 * kind of the content tell people more.
 */
export function sayEcsError(thrown: unknown): string {
  const status = httpStatusOf(thrown);
  const { name } = fields(thrown);
  if (status === null || (name !== 'SyntaxError' && name !== 'Unknown')) return messageOf(thrown);
  const headers = fields(fields(fields(thrown)['$response'])['headers']);
  const type = typeof headers['content-type'] === 'string' ? headers['content-type'].split(';')[0] : 'nothing readable';
  return `HTTP ${status} with ${type}, which is no answer of ECS: a proxy, gateway or firewall on the way answered`;
}

/** Returns the status of the answer; null when there was none. */
export function httpStatusOf(thrown: unknown): number | null {
  const status = fields(fields(thrown)['$metadata'])['httpStatusCode'];
  return typeof status === 'number' ? status : null;
}
